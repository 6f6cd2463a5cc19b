//! Lists from new to old, of which somebody sees a part and searches a part: how their rows are found without a look at
//! those that are not wanted.
//!
//! What is looked for, and whose it is, is decided on topics, which are few. Where few of them are left, the newest rows of
//! each are read and merged; where many are, the list is read in its order until there are enough. Neither is good for
//! both: a list of a million rows is not read to its end for one object, and a thousand objects are not merged.

use crate::StoreError;
use crate::older::from_new_to_old;
use crate::topics::{folded, topics};
use domain::actor::Reach;
use domain::list::Cursor;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, UnionType};
use sea_orm::{Condition, QuerySelect, QueryTrait};

/// Topics whose rows are merged at most.
const FEW: usize = 32;

/// Signs of an id that find it. A shorter text is in many ids by chance.
const SHORTEST_ID: usize = 4;

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Rows about what is within this reach.
    pub reach: &'a Reach,
    /// Rows in whose words this text is, in whatever case, or whose id begins with it.
    pub text: Option<&'a str>,
    /// Rows behind this place.
    pub before: Option<Cursor>,
    /// So many at most.
    pub limit: u64,
}

impl Wanted<'_> {
    /// The newest of all rows.
    pub fn newest(limit: u64) -> Self {
        Self {
            reach: &Reach::Everything,
            text: None,
            before: None,
            limit,
        }
    }
}

/// The columns by which a list is read.
pub(crate) struct List<E: EntityTrait> {
    /// Its name among the topics.
    pub name: &'static str,
    /// What it is ordered by, and what decides between equals.
    pub at: E::Column,
    pub id: E::Column,
    pub topic: E::Column,
    /// Ids that rows are found by, by their beginning.
    pub ids: &'static [E::Column],
}

impl<E: EntityTrait> List<E> {
    /// The ids of the wanted rows among `rows`, from new to old.
    pub(crate) async fn find(
        &self,
        db: &impl ConnectionTrait,
        rows: Select<E>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<String>, StoreError> {
        let text = wanted.text.map(folded).filter(|text| !text.is_empty());
        let parts = match (wanted.reach, text) {
            (Reach::Everything, None) => vec![rows],
            (_, text) => self.parts(db, rows, wanted.reach, text.as_deref()).await?,
        };
        let Some(found) = self.merged(parts, wanted) else {
            return Ok(Vec::new());
        };
        let found = db.query_all(&found).await?;
        let ids = found.iter().map(|row| row.try_get("", ID));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// The rows in which what is wanted may be, in parts that each are read from one index, in its order.
    async fn parts(
        &self,
        db: &impl ConnectionTrait,
        rows: Select<E>,
        reach: &Reach,
        text: Option<&str>,
    ) -> Result<Vec<Select<E>>, StoreError> {
        let within = topics(self.name, reach, text);
        let few = db.query_all(within.clone().limit(FEW as u64 + 1)).await?;
        let few = few.iter().map(|row| row.try_get_by_index::<i64>(0));
        let few = few.collect::<Result<Vec<_>, _>>()?;
        let mut parts: Vec<Select<E>> = match few.len() {
            ..=FEW => few
                .into_iter()
                .map(|topic| rows.clone().filter(self.topic.eq(topic)))
                .collect(),
            _ => vec![rows.clone().filter(self.is_of(within))],
        };
        let id = text.filter(|text| text.len() >= SHORTEST_ID && text.bytes().all(|c| c.is_ascii_alphanumeric()));
        for (id, column) in self.ids.iter().filter_map(|column| Some((id?, column))) {
            let found = rows.clone().filter(begins(*column, id));
            parts.push(match reach {
                Reach::Everything => found,
                Reach::Teams(_) => found.filter(self.is_of(topics(self.name, reach, None))),
            });
        }
        Ok(parts)
    }

    /// The ids of the newest rows of all parts; none when there is no part.
    fn merged(&self, parts: Vec<Select<E>>, wanted: &Wanted<'_>) -> Option<SelectStatement> {
        let parts = parts.into_iter().map(|part| self.keys(part, wanted));
        let all = parts.reduce(|mut all, part| all.union(UnionType::Distinct, part).take())?;
        let newest = Query::select()
            .column(ID)
            .from_subquery(all, "parts")
            .order_by(AT, Order::Desc)
            .order_by(ID, Order::Desc)
            .limit(wanted.limit)
            .take();
        Some(newest)
    }

    /// That a row has one of these topics; said so that no database takes it for a reason to leave the list's order.
    fn is_of(&self, topics: SelectStatement) -> Expr {
        Expr::col(self.topic).add(0).in_subquery(topics)
    }

    /// Time and id of the newest rows of a part.
    fn keys(&self, rows: Select<E>, wanted: &Wanted<'_>) -> SelectStatement {
        let rows = from_new_to_old(rows, self.at, self.id, wanted.before.clone());
        let rows = rows.select_only().column_as(self.at, AT).column_as(self.id, ID);
        let rows = rows.limit(wanted.limit).into_query();
        // Within a union only a query of its own can be ordered and limited.
        Query::select().columns([AT, ID]).from_subquery(rows, "part").take()
    }
}

const AT: &str = "list_at";
const ID: &str = "list_id";

/// That an id begins so. The range is what an index answers; whatever the database sorts between, letters are last.
fn begins<C: ColumnTrait>(column: C, id: &str) -> Condition {
    Condition::all()
        .add(column.gte(id))
        .add(column.lte(format!("{id}zzzz")))
        .add(column.starts_with(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use crate::entity::{recovery_point, run};
    use crate::points::POINTS;
    use crate::runs::RUNS;
    use crate::value::tests::{empty, way};
    use domain::ids::{ManagerId, TeamId};
    use domain::subject::Subject;
    use ovm::ids::VmId;

    /// So many objects with topics in both lists.
    async fn topics_of(store: &Store, objects: usize) {
        let tx = store.begin().await.unwrap();
        for number in 0..objects {
            let id = format!("v{number}");
            let subject = Subject::vm(&ManagerId::new("m1"), &VmId::new(&id), "crowd");
            for list in [POINTS.name, RUNS.name] {
                tx.topic(list, &subject, &[]).await.unwrap();
            }
        }
        tx.commit().await.unwrap();
    }

    /// Asserts that no table of the list is read to its end and that none of its parts is sorted. What is merged in the
    /// end is so many times a part at most.
    async fn is_read_from_indexes<E: EntityTrait>(store: &Store, list: &List<E>, rows: Select<E>, wanted: &Wanted<'_>) {
        let text = wanted.text.map(folded);
        let parts = list
            .parts(&store.db, rows, wanted.reach, text.as_deref())
            .await
            .unwrap();
        assert!(!parts.is_empty());
        for part in parts {
            let way = way(store, &list.keys(part, wanted)).await;
            let name = list.name;
            let of_list = way.iter().filter(|line| line.split(' ').nth(1) == Some(name));
            assert!(of_list.clone().count() > 0, "{way:#?}");
            for line in of_list {
                assert!(line.contains("INDEX"), "{way:#?}");
                assert!(!line.starts_with("SCAN") || wanted.before.is_none(), "{way:#?}");
            }
            let by_beginning = way
                .iter()
                .any(|line| line.contains("id>? AND id<?") || line.contains("plan_hash>?"));
            assert!(
                by_beginning || !way.iter().any(|line| line.contains("ORDER BY")),
                "{way:#?}"
            );
        }
    }

    #[tokio::test]
    async fn few_objects_and_many_are_each_read_from_an_index_in_its_order() {
        for objects in [3, FEW + 1] {
            let (_folder, store) = empty().await;
            topics_of(&store, objects).await;
            let teams = Reach::Teams(vec![TeamId::new("blue")]);
            for (reach, before) in [
                (&Reach::Everything, None),
                (&Reach::Everything, Some("20-r3")),
                (&teams, Some("20-r3")),
            ] {
                let wanted = Wanted {
                    reach,
                    text: Some("crowd"),
                    before: before.map(|cursor| cursor.parse().unwrap()),
                    limit: 51,
                };
                let points = recovery_point::Entity::find();
                is_read_from_indexes(&store, &POINTS, points, &wanted).await;
                let runs = run::Entity::find();
                let failed = runs.clone().filter(run::Column::State.eq("failed"));
                for runs in [runs, failed] {
                    is_read_from_indexes(&store, &RUNS, runs, &wanted).await;
                }
            }
        }
    }

    #[tokio::test]
    async fn a_search_without_a_hit_asks_nothing_of_the_list() {
        let (_folder, store) = empty().await;
        topics_of(&store, 3).await;
        let parts = POINTS.parts(
            &store.db,
            recovery_point::Entity::find(),
            &Reach::Everything,
            Some("no such text"),
        );
        assert_eq!(parts.await.unwrap().len(), 0);
    }
}
