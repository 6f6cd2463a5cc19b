//! An estate with many machines, for measurements: realistic names, three disks and two network cards each, spread over
//! two repositories.

use super::{Builder, GIB, MIB};
use crate::model::{DomainType, Estate, Vm, VmStatus};
use crate::switches::Dialect;

const ROLES: [&str; 6] = ["web", "app", "db", "erp-app", "batch", "test app"];
/// Room for the largest crowd that anybody measures.
const REPOSITORY: u64 = 64 << 40;

/// An estate of so many machines.
pub(crate) fn crowd(dialect: Dialect, machines: usize) -> Estate {
    let mut b = Builder::new(dialect, 1, REPOSITORY);
    let repositories = [b.gold.clone(), b.silver.clone()];
    let networks = [b.network.clone(), b.storage_network.clone()];
    for number in 0..machines {
        let role = ROLES.get(number % ROLES.len()).copied().unwrap_or_default();
        let name = format!("{role}{:04}", number / ROLES.len() + 1);
        let repository = repositories.get(number % 2).map(String::as_str).unwrap_or_default();
        let domain_type = match number % 3 {
            0 => DomainType::XenHvmPvDrivers,
            1 => DomainType::XenPvm,
            _ => DomainType::XenHvm,
        };
        let disks =
            ["system", "data", "log"].map(|part| b.disk(repository, &format!("{name}_{part}"), 50 * GIB, 900 * MIB));
        let vm = Vm {
            status: if number % 5 == 0 {
                VmStatus::Stopped
            } else {
                VmStatus::Running
            },
            high_availability: number % 2 == 0,
            ..b.machine(repository, number % 2, domain_type, 4096)
        };
        b.vm(&name, vm, disks.to_vec(), &networks);
    }
    b.estate
}
