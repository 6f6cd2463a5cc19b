//! VLANs as 3.2 has them: groups of ports and bonds, with a segment for each VLAN. The Manager itself makes the VLAN
//! interfaces: one on each member for each segment.

use super::job::{Outcome, Work};
use super::reply::CliError;
use crate::model::{Body, BondPort, Estate, Interface, Network, Port, VlanGroup, VlanInterface, VlanSegment};

impl Work {
    pub(super) fn create_vlan_segment(&self) -> Result<String, CliError> {
        let group = self.target()?.to_owned();
        let index = self.number("index").unwrap_or_default();
        let known = self.read(|estate| estate.of::<VlanSegment>(&group).any(|(_, known)| known.index == index));
        if known {
            let text = format!("The group has a segment {index} already.");
            return Err(CliError::coded("OVMAPI_6030E", &text));
        }
        let id = self.insert(Body::VlanSegment(VlanSegment { group, index }))?;
        self.change(settle);
        Ok(id)
    }

    /// `add Port inst to VlanGroup inst`, the same for bonds, and their contraries.
    pub(super) fn join_vlan_group(&self, member: &str, group: &str, adds: bool) -> Outcome {
        self.change(|estate| {
            let refuse = |text: &str| Err(CliError::coded("OVMAPI_6031E", text));
            if estate.get::<Port>(member).is_some_and(|port| port.bond.is_some()) {
                return refuse("The port belongs to a bond.");
            }
            let changed = estate.update(group, |group: &mut VlanGroup| {
                let known = group.members.iter().any(|known| known == member);
                group.members.retain(|known| known != member);
                if adds {
                    group.members.push(member.to_owned());
                }
                known != adds
            });
            if changed != Some(true) {
                return refuse("The VLAN group is as asked for already.");
            }
            settle(estate);
            Ok(None)
        })
    }
}

/// Makes the VLAN interfaces that are missing, removes those that nothing asks for any more, and lets each carry the
/// network of its segment.
pub(crate) fn settle(estate: &mut Estate) {
    let wanted = wanted(estate);
    let is_wanted = |vlan: &VlanInterface| {
        let segment = vlan.segment.as_ref();
        segment.is_none_or(|segment| wanted.iter().any(|(of, on, _)| of == segment && *on == vlan.parent))
    };
    let made = estate.all::<VlanInterface>();
    let surplus: Vec<_> = made
        .filter(|(_, vlan)| !is_wanted(vlan))
        .map(|(object, _)| object.id.clone())
        .collect();
    for id in surplus {
        estate.objects.remove(&id);
    }
    for (segment, parent, index) in wanted {
        let mut made = estate.of::<VlanInterface>(&segment);
        let known = made.find(|(_, vlan)| vlan.parent == parent);
        let known = known.map(|(object, _)| object.id.clone());
        drop(made);
        let Some(id) = known.or_else(|| make(estate, &segment, &parent, index)) else {
            continue;
        };
        let mut networks = estate.of::<Network>(&segment);
        let network = networks.next().map(|(object, _)| object.id.clone());
        drop(networks);
        estate.update(&id, |vlan: &mut VlanInterface| vlan.interface.network = network);
    }
}

/// Segment, port or bond, and number of every VLAN interface that should be there.
fn wanted(estate: &Estate) -> Vec<(String, String, u32)> {
    let segments = estate.all::<VlanSegment>();
    let of_segment = segments.flat_map(|(object, segment)| {
        let group = estate.get::<VlanGroup>(&segment.group);
        let members = group.into_iter().flat_map(|group| &group.members);
        members.map(|member| (object.id.clone(), member.clone(), segment.index))
    });
    of_segment.collect()
}

/// Under which name is guessed.
fn make(estate: &mut Estate, segment: &str, parent: &str, index: u32) -> Option<String> {
    let below = match estate.get::<BondPort>(parent) {
        Some(bond) => &bond.interface,
        None => &estate.get::<Port>(parent)?.interface,
    };
    let interface = Interface {
        mtu: below.mtu,
        ..Interface::new(&below.server, &format!("{}.{index}", below.name))
    };
    let name = format!("{} on {}", interface.name, estate.name_of(&interface.server));
    let vlan = VlanInterface {
        interface,
        vlan: index,
        parent: parent.to_owned(),
        segment: Some(segment.to_owned()),
    };
    Some(estate.add(&name, Body::VlanInterface(vlan)))
}
