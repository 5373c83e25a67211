//! What every journal must do, written against the port alone. A back end joins with one line, `journal_contract!(make)`, where
//! `make` gives a fresh, empty journal.

pub(crate) mod append;
pub(crate) mod fixtures;
pub(crate) mod random;
pub(crate) mod reading;
pub(crate) mod snapshots;

macro_rules! journal_contract {
    ($make:path) => {
        use $crate::contract::journal as root;
        $crate::contract::cases! { $make,
            append {
                entries_come_back_as_they_were,
                batches_continue_each_other,
                an_empty_batch_changes_nothing,
                what_does_not_go_on_at_the_end_is_refused,
                a_bad_batch_adds_nothing,
                the_largest_entry_is_kept_and_a_larger_refused,
                a_large_batch_is_kept_whole,
                sessions_are_apart,
                many_sessions_append_at_once_and_a_bad_one_fails_alone,
                a_raced_place_goes_to_one,
                racing_writers_leave_one_whole_record,
            }
            reading {
                an_unknown_session_is_empty,
                pages_continue_each_other,
                a_page_begins_anywhere,
                a_page_is_bounded_in_bytes,
                one_entry_comes_however_large,
                nothing_comes_after_the_end,
                a_removed_session_is_as_if_it_never_was,
                reads_see_whole_batches,
            }
            snapshots {
                the_tail_begins_after_the_snapshot,
                a_newer_one_takes_the_place_of_an_older,
                an_older_one_is_ignored,
                one_from_beyond_the_end_is_refused,
                the_record_stays_behind_a_snapshot,
                a_snapshot_of_nothing_is_kept,
                raced_snapshots_leave_the_newest,
            }
            random {
                random_operations_agree_with_the_model,
            }
        }
    };
}
pub(crate) use journal_contract;
