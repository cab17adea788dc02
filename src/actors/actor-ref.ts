/** Where mail goes. The same for an actor in this process and for one behind a wire. */

/** `full`: the mailbox holds its limit, the mail was not taken. `stopped`: nobody will ever read it. */
export type Delivery = 'accepted' | 'full' | 'stopped';

export interface ActorRef<Mail> {
  /** Slash-separated names from the root: `/provider/executor`. */
  readonly path: string;
  tell(mail: Mail): Delivery;
  /**
   * Calls `listener` once when the actor has stopped for good, at once if it already has; returns its
   * cancellation. Behaviours use `context.watch`. A reference without it cannot tell, and is never reported.
   */
  onStopped?(listener: () => void): () => void;
}
