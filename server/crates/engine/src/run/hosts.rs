//! The hosts of a run: they must be those that its plan was made for. Who enrols a host anew settles a changed host key by
//! that, or puts another host in its place; which of the two it was, only a person knows.

use super::Effect;
use super::execution::Execution;
use super::next::{Direction, made_something};
use domain::fault::OtherHost;
use domain::note::Note;
use domain::plan::{Bindings, Plan, Precondition};
use domain::run::{Message, Outcome, Phase, RunState};
use ovm::ids::ServerId;
use store::StoreError;

/// Name in the journal under which a person is asked about hosts.
const HOSTS: &str = "hosts";

/// Hosts that are enrolled with other keys than the plan has.
struct OtherHosts {
    /// The hosts.
    hosts: Vec<OtherHost>,
    /// The keys that they are enrolled with now.
    keys: Bindings,
}

impl Execution {
    /// Compares the pinned host keys of the plan with those that are enrolled now. A run that has made nothing yet turns
    /// back; any other stops here for a person, which is the answer. Who lets it go on then has seen the new keys.
    pub(super) async fn stops_for_other_hosts(&mut self, plan: &Plan) -> Result<bool, StoreError> {
        // One that waits for a decision touches no host, and is asked about behind it.
        if self.journal.is_under_way() {
            return Ok(false);
        }
        let Some(others) = self.other_hosts(plan).await? else {
            return Ok(false);
        };
        if made_something(plan, self.journal.entries()) {
            self.ask_about(others).await?;
            return Ok(true);
        }
        if self.direction == Direction::Forward {
            let hosts = others.hosts;
            self.turn_back(Message::OtherHosts { hosts, asks: false }).await?;
        }
        Ok(false)
    }

    async fn ask_about(&mut self, others: OtherHosts) -> Result<(), StoreError> {
        let OtherHosts { hosts, keys } = others;
        self.journal.begin(HOSTS, Phase::Forward).await?;
        let effect = Effect {
            learned: keys,
            ..Effect::noting(Note::OtherHosts(hosts.clone()))
        };
        let message = Message::OtherHosts { hosts, asks: true };
        let state = RunState::NeedsOperator;
        self.journal
            .finish_with_state(Outcome::Failed, effect, state, vec![message.into()])
            .await
    }

    /// Those about whose present keys nobody was asked yet. One that is not enrolled any more is not among them: it cannot
    /// be reached, and whoever tries says so.
    async fn other_hosts(&self, plan: &Plan) -> Result<Option<OtherHosts>, StoreError> {
        let (store, id) = (&self.core.store, &plan.header.subject.manager);
        let (manager, servers) = (store.manager(id).await?, store.server_accesses(id).await?);
        let asked = self.journal.bindings();
        let (mut hosts, mut keys) = (Vec::new(), Bindings::default());
        for fact in &plan.preconditions {
            let Precondition::HostKey { server, fingerprint } = fact else {
                continue;
            };
            let enrolled = match server {
                None => manager.as_ref().map(|row| (&row.name, &row.fingerprint)),
                Some(id) => {
                    let row = servers.iter().find(|row| row.server == *id);
                    row.map(|row| (&row.name, &row.fingerprint))
                }
            };
            let Some((name, now)) = enrolled else { continue };
            let key = key_of(server.as_ref());
            if now != fingerprint && asked.0.get(&key) != Some(now) {
                hosts.push(OtherHost {
                    is_manager: server.is_none(),
                    name: name.clone(),
                    planned: fingerprint.clone(),
                    now: now.clone(),
                });
                keys.0.insert(key, now.clone());
            }
        }
        Ok((!hosts.is_empty()).then_some(OtherHosts { hosts, keys }))
    }
}

/// Placeholder under which the key is kept about which a person was asked.
fn key_of(server: Option<&ServerId>) -> String {
    match server {
        None => "host_key_of_manager".to_owned(),
        Some(server) => format!("host_key_of_{server}"),
    }
}
