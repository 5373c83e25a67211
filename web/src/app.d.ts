declare global {
  namespace App {
    interface Error {
      message: string;
      code?: string;
    }
    interface PageState {
      /** A session was just made: the next step is to invite somebody. */
      share?: boolean;
    }
  }
}

export {};
