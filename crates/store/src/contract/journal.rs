//! What every journal must do, written against the port alone. A back end joins with one line, `journal_contract!(make)`, where
//! `make` gives a fresh, empty journal.

pub(crate) mod append;
pub(crate) mod fixtures;
pub(crate) mod life;
pub(crate) mod random;
pub(crate) mod reading;
pub(crate) mod snapshots;
pub(crate) mod trims;

macro_rules! journal_contract {
    ($make:path) => {
        use $crate::contract::journal as root;
        $crate::contract::cases! { $make,
            append {
                entries_come_back_as_they_were,
                batches_continue_each_other,
                an_empty_batch_changes_nothing,
                what_does_not_go_on_at_the_end_is_a_conflict,
                a_bad_batch_adds_nothing,
                the_largest_batch_is_kept_and_a_larger_refused,
                the_same_entries_again_are_added_once,
                raced_repetitions_are_added_once,
                a_cancelled_append_is_tried_again,
                repeated_entries_that_were_trimmed_are_a_conflict,
                the_largest_entry_is_kept_and_a_larger_refused,
                large_batches_are_kept_whole,
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
            trims {
                what_is_trimmed_is_forgotten_and_the_rest_goes_on,
                what_no_snapshot_takes_in_is_not_trimmed,
                a_record_without_entries_ends_where_it_ended,
                a_removed_record_is_not_trimmed_any_more,
                a_row_of_large_entries_is_trimmed_at_each,
                raced_trims_leave_whole_records,
            }
            life {
                an_open_journal_answers_pings,
                a_closed_journal_is_unavailable,
                closing_waits_for_what_is_under_way,
            }
            random {
                random_operations_agree_with_the_model,
            }
        }
    };
}
pub(crate) use journal_contract;
