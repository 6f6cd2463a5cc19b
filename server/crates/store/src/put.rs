//! Storing a row whether or not one with its key is there.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Insert, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn};

/// Stores a row, in the place of the one that has its primary key.
pub(crate) async fn put<M>(db: &impl ConnectionTrait, row: M) -> Result<(), DbErr>
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    type Key<M> = <<M as ModelTrait>::Entity as EntityTrait>::PrimaryKey;
    type Column<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;
    let mut replace = OnConflict::columns(Key::<M>::iter().map(PrimaryKeyToColumn::into_column));
    replace.update_columns(Column::<M>::iter().filter(|column| Key::<M>::from_column(*column).is_none()));
    Insert::one(row).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}
