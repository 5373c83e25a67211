/** Short names for the bodies that the server describes. Nothing here is written by hand twice. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type ChallengeDetail = Schemas["ChallengeDetail"];
export type ChallengeSummary = Schemas["ChallengeSummary"];
export type Counterexample = Schemas["Counterexample"];
export type CounterexampleUpdate = Schemas["CounterexampleUpdate"];
export type Counts = Schemas["Counts"];
export type Difficulty = Schemas["Difficulty"];
export type Editorial = Schemas["Editorial"];
export type Envelope = Schemas["Envelope"];
export type Example = Schemas["Example"];
export type FieldError = Schemas["FieldError"];
export type FunctionSignature = Schemas["FunctionSignature"];
export type GithubAuthorize = Schemas["GithubAuthorize"];
export type Hint = Schemas["Hint"];
export type Language = Schemas["Language"];
export type Languages = Schemas["Languages"];
export type Leaderboard = Schemas["Leaderboard"];
export type LeaderboardUpdate = Schemas["LeaderboardUpdate"];
export type NextChallenge = Schemas["NextChallenge"];
export type OwnInput = Schemas["OwnInput"];
export type Parameter = Schemas["Parameter"];
export type Problem = Schemas["Problem"];
export type Profile = Schemas["Profile"];
export type Progress = Schemas["Progress"];
export type ProgressUpdate = Schemas["ProgressUpdate"];
export type RecentSolve = Schemas["RecentSolve"];
export type RunRequest = Schemas["RunRequest"];
export type RunResult = Schemas["RunResult"];
export type RunUpdate = Schemas["RunUpdate"];
export type SignInOptions = Schemas["SignInOptions"];
export type SignedIn = Schemas["SignedIn"];
export type Status = Schemas["Status"];
export type Submission = Schemas["Submission"];
export type SubmissionAccepted = Schemas["SubmissionAccepted"];
export type SubmissionUpdate = Schemas["SubmissionUpdate"];
export type SubmitRequest = Schemas["SubmitRequest"];
export type TestReport = Schemas["TestReport"];
export type UpdateMe = Schemas["UpdateMe"];
export type User = Schemas["User"];
export type Verdict = Schemas["Verdict"];

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
