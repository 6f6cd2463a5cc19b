//! `add ... to` and `remove ... from`.

use super::job::{Outcome, Work};
use super::reply::CliError;
use super::vmcfg;
use crate::model::{Body, Kind, Repository, Server, Tag, Vm, VmStatus, Vnic};

impl Work {
    pub(super) async fn link(&self) -> Outcome {
        self.step(100).await?;
        let adds = self.command.is("add");
        let subject = self.subject()?.to_owned();
        let target = self.target()?.to_owned();
        let kind = self.read(|estate| estate.objects.get(&subject).map(|object| object.body.kind()));
        match kind {
            Some(Kind::Tag) => self.tag(&subject, &target, adds),
            Some(Kind::Server) => self.present(&subject, &target, adds).await,
            Some(Kind::Vnic) => self.connect(&subject, target),
            Some(Kind::Vm) => self.assign(&subject, &target),
            _ => Err(CliError::coded("OVMAPI_4003E", "The object is gone.")),
        }
    }

    fn tag(&self, tag: &str, object: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let Some(Tag { members }) = estate.get_mut(tag) else {
                return Err(CliError::coded("OVMAPI_4003E", "The tag is gone."));
            };
            members.retain(|member| member != object);
            if adds {
                members.push(object.to_owned());
            }
            Ok(None)
        })
    }

    async fn present(&self, server: &str, repository: &str, presented: bool) -> Outcome {
        let (name, now) = self.read(|estate| {
            let repository = estate.get::<Repository>(repository);
            (
                estate.name_of(server).to_owned(),
                repository.is_some_and(|found| found.presented.iter().any(|id| id == server)),
            )
        });
        if now == presented {
            return Err(CliError::coded(
                "OVMAPI_4060E",
                "The repository is presented as asked for already.",
            ));
        }
        let mounted = self.manager.namespace.present(&name, repository, presented).await;
        mounted.map_err(|error| CliError::coded("OVMAPI_5001E", &error.to_string()))?;
        self.change(|estate| {
            if let Some(repository) = estate.get_mut::<Repository>(repository) {
                repository.presented.retain(|id| id != server);
                if presented {
                    repository.presented.push(server.to_owned());
                }
            }
        });
        Ok(None)
    }

    fn connect(&self, vnic: &str, network: String) -> Outcome {
        self.change(|estate| {
            let Some(card) = estate.get_mut::<Vnic>(vnic) else {
                return Err(CliError::coded("OVMAPI_4003E", "The Vnic is gone."));
            };
            card.network = network;
            if let Some(vm) = card.vm.clone() {
                vmcfg::rewrite(&self.manager.files, estate, &vm);
            }
            Ok(None)
        })
    }

    fn assign(&self, vm: &str, place: &str) -> Outcome {
        self.change(|estate| {
            let (pool, server) = match estate.objects.get(place).map(|object| &object.body) {
                Some(Body::Server(Server { pool, .. })) => (pool.clone(), Some(place.to_owned())),
                _ => (place.to_owned(), None),
            };
            match estate.get_mut::<Vm>(vm) {
                Some(vm) if vm.status != VmStatus::Running => {
                    vm.pool = Some(pool);
                    vm.server = server;
                    Ok(None)
                }
                _ => Err(CliError::coded("OVMAPI_4061E", "A running Vm is moved with migrate.")),
            }
        })
    }
}
