//! Commands of the session, of jobs and of events.

use super::model::{Form, Kind};
use super::types::TYPE_NAMES;
use super::words::{may, must, on_object, on_type, plain, setting};
use crate::ovmcli::Version::{V3_2, V3_3, V3_4};

/// The chapter.
pub const FORMS: &[Form] = &[
    setting("set").takes(&[&[
        may("OutputMode", Kind::Word(&["Verbose", "Sparse", "Xml"])).or("Verbose"),
        may("EndlineChars", Kind::Word(&["CRLF", "CR", "LF"])),
        may("CommandMode", Kind::Word(&["Synchronous", "Asynchronous"]))
            .or("Synchronous")
            .since(V3_3),
        may("CommandTimeout", Kind::Number(1, 43_200, "")).since(V3_3),
        may("AlphabetizeAttributes", Kind::YesNo).or("No").since(V3_4),
    ]]),
    plain("showclisession").since(V3_4),
    plain("showversion"),
    plain("showobjtypes"),
    plain("showallcustomcmds"),
    on_type("showcustomcmds", TYPE_NAMES),
    plain("help"),
    plain("exit"),
    plain("getManagerTime").since(V3_4),
    plain("getVnicMacAddrRange"),
    // Left out, each part goes back to its default, so that the command may stand alone.
    plain("setVnicMacAddrRange").takes(&[&[
        may("oui", Kind::Text).or("00:21:f6"),
        may("start", Kind::Text).or("00:00:00"),
        may("end", Kind::Text).or("FF:FF:FF"),
    ]]),
    on_object("abort", &["Job"]),
    plain("getEventsForObject")
        .takes(&[&[must("objType", Kind::Word(TYPE_NAMES)), must("objId", Kind::Text)]])
        .since(V3_3),
    plain("ackEvent").open(),
    plain("getEvents").open().until(V3_2),
    plain("getJobsUsingRange").open().until(V3_2),
    plain("getLatestNumberOfJobs").open().until(V3_2),
];
