//! Topics: what the rows of a list are about. Rows of one object with the same words share a topic, so that of a million
//! recovery points some thousand topics are searched, and whose they are is asked of topics, too.

use crate::entity::{policy, subject_team, topic};
use crate::value::{clean, like};
use crate::{StoreError, Tx};
use domain::actor::Reach;
use domain::ids::{PolicyId, TeamId};
use domain::subject::Subject;
use sea_orm::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{Condition, Insert, NotSet, QuerySelect, Set};
use sha2::{Digest, Sha256};
use topic::Column as C;

impl Tx {
    /// The topic of a row in a list that is about this object and is found by its name, its id and these texts.
    pub(crate) async fn topic(&self, list: &str, subject: &Subject, texts: &[&str]) -> Result<i64, StoreError> {
        let texts = [subject.texts().as_slice(), texts].concat();
        let object = subject.object.key();
        self.topic_at(list, subject.manager.as_str(), &object, &texts).await
    }

    /// The topic of a row that is about something else than an object, by its own word, and is found by these texts.
    pub(crate) async fn topic_at(
        &self,
        list: &str,
        manager: &str,
        about: &str,
        texts: &[&str],
    ) -> Result<i64, StoreError> {
        let words: Vec<String> = texts.iter().map(|text| folded(text)).collect();
        let words = words.join("\n");
        let digest = hex::encode(Sha256::digest([list, manager, about, &words].join("\n")));
        let known = topic::Entity::find()
            .filter(C::Digest.eq(&digest))
            .one(&self.db)
            .await?;
        if let Some(known) = known {
            return Ok(known.id);
        }
        let new = topic::ActiveModel {
            id: NotSet,
            list: Set(list.to_owned()),
            manager: Set(manager.to_owned()),
            subject: Set(about.to_owned()),
            words: Set(words),
            digest: Set(digest),
        };
        Ok(Insert::one(new).exec(&self.db).await?.last_insert_id)
    }
}

/// A text as it is compared: both databases would fold case, each in its own way.
pub(crate) fn folded(text: &str) -> String {
    clean(text.trim()).to_lowercase()
}

/// The ids of a list's topics that are within reach and hold this folded text, if one is given.
pub(crate) fn topics(list: &str, reach: &Reach, text: Option<&str>) -> SelectStatement {
    let mut wanted = Condition::all().add(C::List.eq(list));
    if let Some(text) = text {
        wanted = wanted.add(like(C::Words, text));
    }
    if let Reach::Teams(teams) = reach {
        let theirs = Condition::any().add(Expr::exists(of_teams(teams)));
        wanted = wanted.add(theirs.add(Expr::exists(policies_of(teams))));
    }
    QuerySelect::query(&mut topic::Entity::find().select_only().column(C::Id).filter(wanted)).take()
}

/// The word of a policy among the objects of topics.
pub(crate) fn of_policy(policy: &PolicyId) -> String {
    format!("policy-{policy}")
}

fn policies_of(teams: &[TeamId]) -> SelectStatement {
    use policy::Column as P;
    Query::select()
        .expr(Expr::value(1))
        .from(policy::Entity)
        .and_where(Expr::cust("'policy-' || policy.id = topic.subject"))
        .and_where(Expr::col((policy::Entity, P::Team)).is_in(teams.iter().map(TeamId::as_str)))
        .take()
}

fn of_teams(teams: &[TeamId]) -> SelectStatement {
    use subject_team::Column as T;
    Query::select()
        .expr(Expr::value(1))
        .from(subject_team::Entity)
        .and_where(Expr::col((subject_team::Entity, T::Manager)).equals((topic::Entity, C::Manager)))
        .and_where(Expr::col((subject_team::Entity, T::Subject)).equals((topic::Entity, C::Subject)))
        .and_where(Expr::col((subject_team::Entity, T::Team)).is_in(teams.iter().map(TeamId::as_str)))
        .take()
}
