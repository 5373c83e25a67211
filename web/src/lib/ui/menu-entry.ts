/** What a menu can hold. */
export type MenuEntry =
  | { kind: "action"; title: string; run: () => void; danger?: boolean }
  | { kind: "link"; title: string; href: string }
  | { kind: "line" }
  | {
      kind: "choice";
      label: string;
      value: string;
      /** `label` is read instead of a name that is too short to be understood alone. */
      options: { id: string; name: string; label?: string }[];
      choose: (id: string) => void;
      /** Short names, side by side. */
      inRow?: boolean;
    }
  | { kind: "switch"; title: string; on: boolean; toggle: () => void };
