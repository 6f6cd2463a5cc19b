//! Pools, servers and networks.

use super::{ReadError, bag::Bag, constant};
use crate::{
    estate::{Network, Pool, Server},
    ids::{NetworkId, PoolId, ServerId},
    ovmcli::{Answer, Item},
};

/// A pool from `show ServerPool`.
pub fn pool(item: &Item, answer: &Answer) -> Result<Pool, ReadError> {
    let mut bag = Bag::new("ServerPool", item, answer)?;
    Ok(Pool {
        id: PoolId::new(&item.id),
        name: bag.name.clone(),
        servers: bag
            .references("Server")
            .into_iter()
            .map(|server| ServerId::new(server.id))
            .collect(),
        master: bag.reference("Master Server").map(|server| ServerId::new(server.id)),
        other: bag.rest(),
    })
}

/// A server from `show Server`.
pub fn server(item: &Item, answer: &Answer) -> Result<Server, ReadError> {
    let mut bag = Bag::new("Server", item, answer)?;
    Ok(Server {
        id: ServerId::new(&item.id),
        name: bag.name.clone(),
        status: bag.text("Status").unwrap_or_default(),
        ip_address: bag.text("Ip Address"),
        pool: bag.reference("Server Pool").map(|pool| PoolId::new(pool.id)),
        version: bag.text("OVM Version"),
        memory_mb: bag.number("Memory (MB)")?,
        processors: bag.number("Processors")?,
        other: bag.rest(),
    })
}

/// A network from `show Network`.
pub fn network(item: &Item, answer: &Answer) -> Result<Network, ReadError> {
    let mut bag = Bag::new("Network", item, answer)?;
    let roles = bag.references("Role");
    Ok(Network {
        id: NetworkId::new(&item.id),
        name: bag.name.clone(),
        roles: roles.iter().map(|role| constant(&role.id)).collect(),
        other: bag.rest(),
    })
}
