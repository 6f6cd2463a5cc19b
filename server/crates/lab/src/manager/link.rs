//! `add ... to` and `remove ... from`.

use super::job::{Outcome, Work};
use super::network::INTERFACES;
use super::reply::CliError;
use crate::model::{Kind, Tag};

impl Work {
    pub(super) async fn link(&self) -> Outcome {
        self.step(100).await?;
        let adds = self.command.is("add");
        let member = self.subject()?.to_owned();
        let kind = self.read(|estate| estate.objects.get(&member).map(|object| object.kind()));
        let (Some(kind), Some((group, place))) = (kind, &self.target) else {
            return Err(CliError::coded("OVMAPI_4003E", "The object is gone."));
        };
        match (kind, group) {
            (Kind::Tag, _) => self.tag(&member, place, adds),
            (_, Kind::AccessGroup) => self.join_access_group(&member, place, adds),
            (_, Kind::VlanGroup) => self.join_vlan_group(&member, place, adds),
            (Kind::Server, Kind::FileServer | Kind::StorageArray) => self.administer_by_adding(&member, place, adds),
            (Kind::Vnic, Kind::Vm) => self.put_into_machine(&member, place, adds),
            (Kind::Server, Kind::Repository) => self.present(&member, place, adds).await,
            (Kind::ServerPool, Kind::Repository) => self.present_to_pool(&member, place, adds).await,
            (Kind::Server, Kind::ServerPool) => self.join_pool(&member, place, adds),
            (Kind::Vm, Kind::AntiAffinityGroup) => self.join_group(&member, place, adds),
            (Kind::Vm, _) => self.assign(&member, place, adds),
            (Kind::Vnic, Kind::Network) => self.plug(&member, place, adds),
            (Kind::Port, Kind::BondPort) => self.join_bond(&member, place, adds),
            (kind, Kind::Network) if INTERFACES.contains(&kind) => self.carry(&member, place, adds),
            _ => Err(CliError::syntax("these objects do not belong together")),
        }
    }

    fn tag(&self, tag: &str, object: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let changed = estate.update(tag, |tag: &mut Tag| {
                tag.members.retain(|member| member != object);
                if adds {
                    tag.members.push(object.to_owned());
                }
            });
            changed.ok_or_else(|| CliError::coded("OVMAPI_4003E", "The tag is gone."))?;
            Ok(None)
        })
    }
}
