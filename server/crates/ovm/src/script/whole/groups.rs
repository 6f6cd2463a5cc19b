//! Tags, anti-affinity groups and clone customizers.

use super::network::name_and_id;
use super::{Builder, New, by_name, described};
use crate::estate::read::constant;
use crate::estate::{Attributes, Kind, Object, references};
use crate::ovmcli::{Command, Selector};
use crate::script::build::plain_text;
use crate::script::safe::{Look, Trait};
use std::collections::BTreeMap;

impl<'a> Builder<'a> {
    /// Tags, those of servers and pools put on at once. Machines know their tags by name.
    pub(super) fn tags(&mut self) {
        let mut tags: BTreeMap<&str, Option<&Object>> = BTreeMap::new();
        tags.extend(
            self.estate
                .vms
                .iter()
                .flat_map(|vm| &vm.tags)
                .map(|tag| (tag.as_str(), None)),
        );
        tags.extend(self.estate.objects(Kind::Tag).map(|tag| (tag.name.as_str(), Some(tag))));
        for (name, tag) in tags {
            let first = self.script.steps.len();
            let command = Command::of_type("create", "Tag");
            let id = self.make(New {
                kind: Kind::Tag,
                id: name,
                name: plain_text(name),
                purpose: format!("Tag {name}"),
                command: tag.map_or(command.clone(), |tag| described(command, &tag.attributes)),
                traits: Vec::new(),
            });
            let Some(tag) = tag else { continue };
            let servers = by_name(&self.estate.servers, |one| (&one.name, one.id.as_str()));
            for server in servers.into_iter().filter(|server| has_tag(&server.other, tag)) {
                self.tag(&id, name, Kind::Server, server.id.as_str());
            }
            let pools = by_name(&self.estate.pools, |one| (&one.name, one.id.as_str()));
            for pool in pools.into_iter().filter(|pool| has_tag(&pool.other, tag)) {
                self.tag(&id, name, Kind::ServerPool, pool.id.as_str());
            }
            if self.machine.is_some() {
                self.omit_in_plain(first);
            }
        }
    }

    fn tag(&mut self, tag: &str, name: &str, kind: Kind, id: &str) {
        if let Some(to) = self.id_of(kind, id) {
            self.add(format!("Tag {name} on a {kind}"), (Kind::Tag, tag), (kind, &to), "Tag");
        }
    }

    /// Machines that avoid each other.
    pub(super) fn groups(&mut self) {
        for group in by_name(self.estate.objects(Kind::AntiAffinityGroup), name_and_id) {
            let Some(pool) = group
                .link(Kind::ServerPool)
                .and_then(|id| self.id_of(Kind::ServerPool, id))
            else {
                self.unknown(format!("Anti-affinity group {}", group.name), "its server pool");
                continue;
            };
            let first = self.script.steps.len();
            let id = self.make_on(group, Kind::ServerPool, &pool, Vec::new());
            if self.machine.is_some() {
                self.omit_in_plain(first);
                self.stands(Kind::AntiAffinityGroup, &group.id, &group.name);
            }
            let mut members = self.ids_of(Kind::Vm, group.links(Kind::Vm));
            members.sort_by_key(|id| (id.len(), id.clone()));
            for member in members {
                let purpose = format!("A machine in the group {}", group.name);
                self.add(purpose, (Kind::Vm, &member), (Kind::AntiAffinityGroup, &id), "Vm");
            }
        }
    }

    /// How machines are cloned, with the mappings of disks and cards.
    pub(super) fn customizers(&mut self) {
        for customizer in by_name(self.estate.objects(Kind::VmCloneCustomizer), name_and_id) {
            let Some(vm) = customizer.link(Kind::Vm).and_then(|id| self.id_of(Kind::Vm, id)) else {
                self.unknown(format!("Clone customizer {}", customizer.name), "its machine");
                continue;
            };
            let id = self.make_on(customizer, Kind::Vm, &vm, vec![Trait::new("Vm", &vm)]);
            for kind in [Kind::VmCloneStorageMapping, Kind::VmCloneNetworkMapping] {
                let mappings = by_name(self.estate.objects(kind), name_and_id);
                for mapping in mappings
                    .into_iter()
                    .filter(|own| own.link(Kind::VmCloneCustomizer) == Some(&customizer.id))
                {
                    self.clone_mapping(mapping, &id);
                }
            }
        }
    }

    fn clone_mapping(&mut self, mapping: &Object, customizer: &str) {
        let attributes: &[(&str, Kind)] = match mapping.kind {
            Kind::VmCloneNetworkMapping => &[("network", Kind::Network), ("vnic", Kind::Vnic)],
            _ => &[
                ("vmDiskMapping", Kind::VmDiskMapping),
                ("repository", Kind::Repository),
                ("physicalDisk", Kind::PhysicalDisk),
                ("storageArray", Kind::StorageArray),
            ],
        };
        let mut command = Command::of_type("create", mapping.kind.type_name());
        if let Some(words) = mapping.attribute("Clone Type") {
            command = command.with("cloneType", constant(words));
        }
        for (key, kind) in attributes {
            if let Some(id) = mapping.link(*kind).and_then(|id| self.id_of(*kind, id)) {
                command = command.with(key, id);
            }
        }
        let name = self.clean_name(&mapping.name, || {
            format!("{} {}", mapping.kind, self.numbers.get(&mapping.kind).unwrap_or(&0) + 1)
        });
        let command = described(command, &mapping.attributes).with("name", &name);
        let look = Look::Part {
            owner_type: "VmCloneCustomizer".to_owned(),
            owner: customizer.to_owned(),
            object_type: mapping.kind.type_name().to_owned(),
            part: Trait::new("Name", &name),
        };
        let purpose = format!("What the clone customizer does: {name}");
        let command = command.target("on", "VmCloneCustomizer", Selector::Id(customizer.to_owned()));
        self.bound_step(mapping.kind, &mapping.id, &name, purpose, look, command);
    }
}

fn has_tag(attributes: &Attributes, tag: &Object) -> bool {
    references(attributes, "Tag").contains(&tag.id.as_str())
}
