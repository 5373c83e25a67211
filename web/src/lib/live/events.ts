import type { components } from "$lib/api/schema";

type Schemas = components["schemas"];

export type Resumed = Schemas["Resumed"];

/** The events that the page listens to, with their content. */
export interface EventMap {
  "submission-update": Schemas["SubmissionUpdate"];
  "counterexample-update": Schemas["CounterexampleUpdate"];
  "run-update": Schemas["RunUpdate"];
  "progress-update": Schemas["ProgressUpdate"];
  "leaderboard-update": Schemas["LeaderboardUpdate"];
}

export type EventType = keyof EventMap;
