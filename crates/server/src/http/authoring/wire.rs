//! Stored challenges on the wire.

use std::collections::{BTreeMap, BTreeSet};

use codementor_core::catalogue::{ContentHash, Origin, Stage, StoredChallenge, Verification};
use codementor_core::{User, UserId};
use codementor_protocol::authoring as wire_authoring;

use super::super::problem::ApiResult;
use super::Seen;
use crate::app::App;
use crate::authoring::{Access, Progress, access};

/// Stored challenges as a list shows them.
pub(super) async fn summaries(
    app: &App,
    asker: &User,
    found: &[StoredChallenge],
) -> ApiResult<Vec<wire_authoring::AuthoredSummary>> {
    let mut names = BTreeMap::new();
    let mut people = BTreeSet::new();
    for stored in found {
        people.extend([stored.author(), stored.changed_by].into_iter().flatten());
    }
    for id in people {
        names.insert(id, app.store.user(id).await?.map(|user| user.name.to_string()));
    }
    Ok(found.iter().map(|stored| summary(asker, stored, &names)).collect())
}

fn summary(
    asker: &User,
    stored: &StoredChallenge,
    names: &BTreeMap<UserId, Option<String>>,
) -> wire_authoring::AuthoredSummary {
    let name = |id: Option<UserId>| id.and_then(|id| names.get(&id).cloned().flatten());
    wire_authoring::AuthoredSummary {
        id: stored.id.to_string(),
        title: stored.title.clone(),
        stage: match stored.stage {
            Stage::Draft => wire_authoring::Stage::Draft,
            Stage::Published => wire_authoring::Stage::Published,
            Stage::Withdrawn => wire_authoring::Stage::Withdrawn,
        },
        author: name(stored.author()),
        format: match &stored.origin {
            Origin::Authored(_) => None,
            Origin::Imported { format } => Some(format.clone()),
        },
        revision: stored.revision,
        content: stored.content.to_string(),
        published_content: stored.offered.map(|offered| offered.to_string()),
        verified: stored.is_verified(),
        may_edit: access(asker, stored) == Some(Access::Write),
        changed_at: stored.changed_at.to_rfc3339(),
        changed_by: name(stored.changed_by),
    }
}

/// A stored challenge with its files.
pub(super) async fn whole(
    app: &App,
    asker: &User,
    seen: &Seen,
) -> ApiResult<wire_authoring::AuthoredChallenge> {
    let files = super::files(app, &seen.stored).await?;
    Ok(wire_authoring::AuthoredChallenge {
        state: state(app, asker, seen).await?,
        files: files.iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect(),
    })
}

/// How a stored challenge stands.
pub(super) async fn state(app: &App, asker: &User, seen: &Seen) -> ApiResult<wire_authoring::AuthoredState> {
    let stored = &seen.stored;
    let mut summaries = summaries(app, asker, std::slice::from_ref(stored)).await?;
    let (verifying, verification_problem) = match &seen.progress {
        None => (None, None),
        Some(Progress::Broken(_)) => {
            (None, Some("The judge gave no verdict. It is not the challenge's fault; try again.".to_owned()))
        }
        Some(Progress::Running { content, done, total }) => {
            let (content, done, total) = (content.to_string(), *done, *total);
            (Some(wire_authoring::VerificationProgress { content, done, total }), None)
        }
    };
    Ok(wire_authoring::AuthoredState {
        summary: summaries.remove(0),
        verification: stored.verification.as_ref().map(|found| report(found, &stored.content)),
        verifying,
        verification_problem,
    })
}

fn report(found: &Verification, content: &ContentHash) -> wire_authoring::VerificationReport {
    let fault = |fault: &codementor_core::catalogue::ContentFault| wire_authoring::FileFault {
        file: fault.file.clone(),
        message: fault.message.clone(),
    };
    wire_authoring::VerificationReport {
        content: found.content.to_string(),
        current: found.content == *content,
        at: found.at.to_rfc3339(),
        judge: found.judge.clone(),
        faults: found.faults.iter().map(fault).collect(),
    }
}
