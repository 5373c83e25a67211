/** What somebody changed in a set of files, and whether it goes together with what somebody else changed. */
export type Files = Readonly<Record<string, string>>;

export interface Changes {
  put: Record<string, string>;
  remove: string[];
}

/** What leads from `from` to `to`. */
export function changes(from: Files, to: Files): Changes {
  const put = Object.entries(to).filter(([path, text]) => from[path] !== text);
  const remove = Object.keys(from).filter((path) => !(path in to));
  return { put: Object.fromEntries(put), remove };
}

export function isEmpty({ put, remove }: Changes): boolean {
  return remove.length === 0 && Object.keys(put).length === 0;
}

/** The files with these changes in them. */
export function apply(files: Files, { put, remove }: Changes): Record<string, string> {
  const kept = Object.entries(files).filter(([path]) => !remove.includes(path));
  return { ...Object.fromEntries(kept), ...put };
}

/** The files that both changed, each in another way. */
export function clashes(base: Files, mine: Files, theirs: Files): string[] {
  const paths = new Set([...Object.keys(base), ...Object.keys(mine), ...Object.keys(theirs)]);
  return [...paths]
    .filter((path) => mine[path] !== base[path] && theirs[path] !== base[path] && mine[path] !== theirs[path])
    .sort();
}
