//! What every store must do, written against the ports alone. A back end joins with one line, `store_contract!(make)`, where
//! `make` gives a fresh, empty store. `journal_contract!` is the same for journals.
//!
//! A case that is missing from the list below is dead code, which the compiler refuses.

pub(crate) mod challenges;
pub(crate) mod doors;
pub(crate) mod finish;
pub(crate) mod fixtures;
pub(crate) mod flows;
pub(crate) mod journal;
pub(crate) mod judge0;
pub(crate) mod leaderboards;
pub(crate) mod life;
pub(crate) mod live_fixtures;
pub(crate) mod live_merge;
pub(crate) mod live_model;
pub(crate) mod live_random;
pub(crate) mod lives;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod parts;
pub(crate) mod progress;
pub(crate) mod random;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod submissions;
pub(crate) mod users;

macro_rules! store_contract {
    ($make:path) => {
        use $crate::contract as root;
        $crate::contract::cases! { $make,
            life {
                an_open_store_answers_pings,
                a_closed_store_is_unavailable,
                closing_twice_is_closing_once,
            }
            users {
                a_person_is_found_by_id_and_by_name,
                strangers_are_none,
                a_taken_name_is_refused_in_every_spelling,
                a_raced_name_goes_to_one,
                role_and_time_zone_change,
            }
            sign_in {
                a_newcomer_is_named_after_the_login,
                taken_logins_get_numbers,
                a_long_login_is_cut,
                the_account_counts_and_not_the_login,
                a_guest_becomes_the_person,
                who_is_no_guest_is_ignored,
                a_raced_newcomer_is_one_person,
            }
            merge {
                a_guests_work_moves,
                a_challenge_both_solved_counts_once,
                a_practice_day_both_have_stays_once,
                a_request_key_both_used_stays_the_persons,
                a_raced_merge_happens_once,
            }
            sessions {
                a_session_is_found_by_id_and_by_secret,
                a_session_ends_at_its_expiry,
                a_revoked_session_is_gone,
                all_sessions_of_one_person_end_at_once,
                extending_never_shortens,
                a_session_shows_the_user_as_they_are_now,
            }
            flows {
                a_flow_is_taken_once,
                a_raced_flow_is_taken_once,
                an_expired_flow_is_none,
                at_most_ten_thousand_flows_are_kept,
            }
            submissions {
                a_submission_is_kept_as_it_was,
                too_many_unfinished_are_refused,
                the_bound_holds_in_a_race,
                a_repeated_request_is_the_same_submission,
                a_raced_request_is_one_submission,
                running_is_noted_until_finished,
                lists_page_newest_first,
                unfinished_come_oldest_first,
                unfinished_tell_who_waits_for_them,
                solved_beats_attempted_in_any_order,
            }
            finish {
                what_is_unknown_cannot_be_finished,
                every_verdict_is_kept_as_it_was,
                the_first_accepted_solution_gives_xp,
                later_solutions_are_practice_once_a_day,
                a_day_of_practice_is_the_learners_own,
                what_is_not_accepted_gives_nothing,
                finishing_twice_changes_nothing,
                a_raced_finish_gives_xp_once,
                raced_solutions_of_one_challenge_give_xp_once,
                a_solution_without_xp_counts_as_solved,
                a_counterexample_is_kept_once_and_only_of_what_was_judged,
            }
            judge0 {
                what_was_handed_in_is_kept_as_it_was,
                a_batch_is_stored_whole_or_not_at_all,
                everybodys_unfinished_are_bounded,
                a_raced_end_happens_once,
                the_oldest_finished_go_first,
                what_is_large_goes_sooner,
                pages_are_newest_first,
                only_what_is_finished_is_removed,
                old_age_forgets_the_finished_only,
                a_guests_programs_move,
            }
            progress {
                nobody_has_an_empty_ledger,
                the_ledger_is_told_newest_first,
                the_ledger_is_told_up_to_five_thousand,
            }
            leaderboards {
                more_xp_stands_higher,
                equal_xp_goes_to_who_reached_it_first,
                equal_xp_at_one_moment_goes_by_id,
                pages_continue_each_other,
                my_place_is_told_beside_any_page,
                an_empty_leaderboard_is_empty,
                periods_and_languages_are_apart,
            }
            lives {
                a_live_session_is_kept_as_it_was,
                unknown_live_sessions_are_none,
                a_session_that_cannot_be_made_leaves_nothing,
                what_changes_changes_and_the_rest_stays,
                an_ended_session_is_looked_at_and_not_entered,
                a_raced_end_happens_once,
                a_persons_sessions_page_newest_first,
            }
            parts {
                people_are_listed_in_the_order_in_which_they_came,
                a_new_driver_takes_the_keyboard_from_the_last,
                who_does_not_take_part_gets_none,
                two_drivers_at_once_end_with_one,
                who_is_sent_out_keeps_a_place_in_the_record,
                who_made_the_session_is_never_sent_out,
            }
            doors {
                who_came_in_once_is_in,
                a_secret_opens_its_own_invitations_only,
                an_invitation_of_another_session_opens_nothing,
                a_lapsed_invitation_lets_nobody_in,
                a_knocks_part_is_stronger_unless_the_invitation_is_for_viewers,
                who_comes_as_driver_takes_no_keyboard_away,
                who_was_sent_out_needs_a_newer_invitation,
                revoking_sends_out_all_who_came_by_it,
                revoking_and_entering_raced_leaves_nobody_in,
                parallel_entries_never_exceed_the_bound,
                open_invitations_are_bounded_also_in_a_race,
            }
            challenges {
                a_challenge_is_kept_as_it_was,
                unknown_challenges_are_none,
                of_two_who_save_at_once_one_is_told,
                the_same_content_is_no_change,
                only_what_was_verified_is_published,
                a_verification_of_an_older_content_is_not_noted,
                an_edit_leaves_what_is_offered,
                withdrawn_challenges_keep_their_ids,
                offers_are_told_when_they_change,
                lists_show_what_somebody_may_see,
                an_authors_challenges_are_bounded,
                a_guests_challenges_move,
            }
            live_merge {
                a_guests_sessions_and_places_move,
                a_place_both_have_stays_the_persons,
                a_drivers_keyboard_is_passed_on,
                who_was_sent_out_stays_out_as_somebody_else,
                who_becomes_a_sessions_maker_takes_part_in_it,
            }
            live_random {
                random_lives_agree_with_the_model,
            }
            random {
                random_operations_agree_with_the_model,
            }
        }
    };
}
pub(crate) use store_contract;

/// Turns each case into a test of its own. The cases' modules are in `root`.
macro_rules! cases {
    ($make:path, $($module:ident { $($case:ident),* $(,)? })*) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let made = $make().await;
                super::root::$module::$case(made.store.clone()).await;
            })*
        })*
    };
}
pub(crate) use cases;
