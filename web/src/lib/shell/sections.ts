/** The rooms of the school, in the order in which every navigation shows them. */
import House from "@lucide/svelte/icons/house";
import ListChecks from "@lucide/svelte/icons/list-checks";
import UsersRound from "@lucide/svelte/icons/users-round";
import CodeXml from "@lucide/svelte/icons/code-xml";
import Trophy from "@lucide/svelte/icons/trophy";

export const SECTIONS = [
  { href: "/", name: "Home", icon: House },
  { href: "/challenges", name: "Challenges", icon: ListChecks },
  { href: "/sessions", name: "Sessions", icon: UsersRound },
  { href: "/playground", name: "Playground", icon: CodeXml },
  { href: "/leaderboard", name: "Leaderboard", icon: Trophy },
] as const;

export function isCurrent(section: { href: string }, path: string): boolean {
  return section.href === "/" ? path === "/" : path === section.href || path.startsWith(`${section.href}/`);
}
