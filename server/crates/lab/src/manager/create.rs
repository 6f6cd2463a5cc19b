//! `create`.

use super::job::{Outcome, Work};
use super::lookup;
use super::reply::CliError;
use crate::model::{Body, Kind, Tag, VlanGroup, VmCloneCustomizer};

impl Work {
    /// Makes an object and returns its id.
    pub(super) async fn create(&self) -> Outcome {
        self.step(150).await?;
        let id = match lookup::kind(self.command.object_type.as_deref())? {
            Kind::Vm => self.create_vm()?,
            Kind::VirtualDisk => self.create_disk()?,
            Kind::VmDiskMapping => self.create_mapping()?,
            Kind::Vnic => self.create_vnic()?,
            Kind::VmCloneCustomizer => {
                let vm = self.target()?.to_owned();
                self.insert(Body::VmCloneCustomizer(VmCloneCustomizer { vm }))?
            }
            Kind::VmCloneStorageMapping => self.create_storage_mapping()?,
            Kind::VmCloneNetworkMapping => self.create_network_mapping()?,
            Kind::Tag => self.insert(Body::Tag(Tag::default()))?,
            Kind::Network => self.create_network()?,
            Kind::BondPort => self.create_bond()?,
            Kind::VlanInterface => self.create_vlan()?,
            Kind::VlanGroup => self.insert(Body::VlanGroup(VlanGroup::default()))?,
            Kind::VlanSegment => self.create_vlan_segment()?,
            Kind::ServerPool => self.create_pool()?,
            Kind::AntiAffinityGroup => self.create_group()?,
            Kind::FileServer => self.create_file_server()?,
            Kind::FileSystem => self.create_file_system()?,
            Kind::Repository => self.create_repository().await?,
            Kind::RepositoryExport => self.create_export()?,
            Kind::StorageArray => self.create_array()?,
            Kind::AccessGroup => self.create_access_group()?,
            kind => return Err(CliError::not_simulated(&format!("create {}", kind.as_str()))),
        };
        Ok(Some(id))
    }

    /// Enters an object with the command's name and description.
    pub(super) fn insert(&self, body: Body) -> Result<String, CliError> {
        let id = self.change(|estate| estate.new_id(body.kind()));
        self.insert_as(id, body)
    }

    /// [`Work::insert`] under a given id.
    pub(super) fn insert_as(&self, id: String, body: Body) -> Result<String, CliError> {
        let name = self.required("name")?;
        let description = self.command.attribute("description").unwrap_or_default();
        self.change(|estate| {
            let id = estate.add_as(id, name, body);
            if !description.is_empty() {
                estate
                    .objects
                    .update(&id, |object| description.clone_into(&mut object.description));
            }
            Ok(id)
        })
    }
}
