/** Who writes challenges. The server decides; this only says what to show. */
import type { User } from "$lib/api/types";

export const mayWrite = (user: User | null): boolean => user?.role === "mentor" || user?.role === "admin";
