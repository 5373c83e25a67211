/** What the server tells of a recording. All of it from the API's description. */
import type { components } from "$lib/api/schema";

type Schemas = components["schemas"];

export type AuthorStatistics = Schemas["AuthorStatistics"];
export type Replay = Schemas["Replay"];
export type ReplayEntry = Schemas["ReplayEntry"];
export type ReplayHeader = Schemas["ReplayHeader"];
export type ReplayStatistics = Schemas["ReplayStatistics"];
/** In UTF-16 code units. */
export type Splice = Schemas["ReplaySplice"];
