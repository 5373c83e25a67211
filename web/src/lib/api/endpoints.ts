/** Every endpoint that the page uses, one line each. */
import type * as S from "$lib/session/wire";
import { get, patch, post, remove, type Query } from "./client";
import type * as T from "./types";

type Signal = AbortSignal | undefined;

const id = encodeURIComponent;

export const auth = {
  me: (signal?: Signal) => get<T.User>("/api/auth/me", { signal }),
  options: (signal?: Signal) => get<T.SignInOptions>("/api/auth/options", { signal }),
  guest: (username: string, time_zone: string) =>
    post<T.SignedIn>("/api/auth/guest", { username, time_zone }),
  githubAddress: (next: string, time_zone: string) =>
    `/api/auth/github?${new URLSearchParams({ next, time_zone }).toString()}`,
  github: (code: string, state: string) => post<T.SignedIn>("/api/auth/github", { code, state }),
  logout: (everywhere: boolean) => post<undefined>("/api/auth/logout", { everywhere }),
};

export const challenges = {
  list: (query: Query, signal?: Signal) =>
    get<T.Page<T.ChallengeSummary>>("/api/challenges", { query, signal }),
  one: (slug: string, signal?: Signal) => get<T.ChallengeDetail>(`/api/challenges/${id(slug)}`, { signal }),
  next: (signal?: Signal) => get<T.NextChallenge>("/api/challenges/next", { signal }),
  run: (slug: string, body: T.RunRequest, signal?: Signal) =>
    post<T.RunResult>(`/api/challenges/${id(slug)}/run`, body, { signal }),
  /** `key` makes a repeated attempt the same submission. */
  submit: (slug: string, body: T.SubmitRequest, key: string, signal?: Signal) =>
    post<T.SubmissionAccepted>(`/api/challenges/${id(slug)}/submit`, body, {
      headers: { "Idempotency-Key": key },
      signal,
    }),
  hint: (slug: string, level: number) => get<T.Hint>(`/api/challenges/${id(slug)}/hints/${level}`),
  editorial: (slug: string, signal?: Signal) =>
    get<T.Editorial>(`/api/challenges/${id(slug)}/editorial`, { signal }),
};

export const submissions = {
  list: (query: Query, signal?: Signal) => get<T.Page<T.Submission>>("/api/submissions", { query, signal }),
  one: (submission: string, signal?: Signal) =>
    get<T.Submission>(`/api/submissions/${id(submission)}`, { signal }),
};

export const users = {
  progress: (signal?: Signal) => get<T.Progress>("/api/users/me/progress", { signal }),
  update: (body: T.UpdateMe) => patch<T.User>("/api/users/me", body),
  profile: (name: string, signal?: Signal) => get<T.Profile>(`/api/users/${id(name)}`, { signal }),
};

export const sessions = {
  list: (query: Query, signal?: Signal) => get<T.Page<S.SessionSummary>>("/api/sessions", { query, signal }),
  one: (session: string, signal?: Signal) => get<S.Session>(`/api/sessions/${id(session)}`, { signal }),
  create: (body: S.CreateSession) => post<S.Session>("/api/sessions", body),
  change: (session: string, body: S.ChangeSession) => patch<S.Session>(`/api/sessions/${id(session)}`, body),
  end: (session: string) => remove(`/api/sessions/${id(session)}`),
  /** `invite` is the secret of an invitation; without it the plain link must be open. */
  join: (session: string, invite: string | null, signal?: Signal) =>
    post<S.Session>(`/api/sessions/${id(session)}/join`, invite === null ? {} : { invite }, { signal }),
  invitations: (session: string, signal?: Signal) =>
    get<{ items: S.Invitation[] }>(`/api/sessions/${id(session)}/invitations`, { signal }),
  invite: (session: string, body: S.CreateInvitation) =>
    post<S.Invitation>(`/api/sessions/${id(session)}/invitations`, body),
  revoke: (session: string, invitation: string) =>
    remove(`/api/sessions/${id(session)}/invitations/${id(invitation)}`),
  sendOut: (session: string, user: string) => remove(`/api/sessions/${id(session)}/participants/${id(user)}`),
};

export const leaderboard = (query: Query, signal?: Signal) =>
  get<T.Leaderboard>("/api/leaderboard", { query, signal });

export const languages = (signal?: Signal) => get<T.Languages>("/api/sandbox/languages", { signal });
