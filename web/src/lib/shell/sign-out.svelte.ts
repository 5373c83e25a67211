/** Asks before signing out: a guest who leaves cannot come back under the same name. */
class SignOut {
  open = $state(false);
  everywhere = $state(false);

  ask(everywhere: boolean): void {
    this.everywhere = everywhere;
    this.open = true;
  }
}

export const signOut = new SignOut();
