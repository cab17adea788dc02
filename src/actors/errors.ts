/** What can go wrong in the kernel. */

import { catalogue } from './fault.ts';

export const actorsErrors = catalogue({
  ACTORS_ASSERTION: {
    says: 'A rule of the program does not hold: {message}.',
    todo: 'This is a defect. Report it with the log; the actor was stopped before it could do harm.',
    retry: false,
  },
  ACTORS_HANDLER_THREW: {
    says: 'An actor failed while it handled a message: {reason}.',
    todo: 'This is a defect. Its supervisor restarts it; report the log if it happens again.',
    retry: true,
  },
  ACTORS_RESTARTS_EXCEEDED: {
    says: 'The children of {path} failed more than {restartsMax} times within {periodMs} ms.',
    todo: 'Look for the cause of this error: it is the failure that repeats.',
    retry: false,
  },
  ACTORS_EXITED: {
    says: 'The actor {path} stopped although it should always run.',
    todo: 'This is a defect. Its supervisor restarts it; report the log if it happens again.',
    retry: true,
  },
  ACTORS_CHILDREN_FULL: {
    says: 'The actor {path} already has {max} children.',
    todo: 'Wait until some have stopped; less work at a time is the cure if it stays so.',
    retry: true,
  },
  ACTORS_OUTSTANDING_FULL: {
    says: 'The actor {path} waits for more than {max} timers, watched actors and asynchronous answers.',
    todo: 'This is a defect, or far too much work at a time. The actor is restarted.',
    retry: true,
  },
  ACTORS_WORK_FAILED: {
    says: 'Asynchronous work of an actor failed: {reason}.',
    todo: 'The cause says what to do; it was not expected by the program.',
    retry: true,
  },
  ACTORS_ASK_TIMEOUT: {
    says: 'No answer came from {path} within {timeoutMs} ms.',
    todo: 'Ask again. If it stays silent, `conun doctor` shows which part is stuck.',
    retry: true,
  },
  ACTORS_ASK_REFUSED: {
    says: 'The mailbox of {path} is full.',
    todo: 'Ask again in a moment: the actor has more work than it can do now.',
    retry: true,
  },
  ACTORS_ASK_STOPPED: {
    says: 'The actor {path} has stopped, and will not answer.',
    todo: 'Ask again once it has been restarted, or look in the log for the reason why it stopped.',
    retry: true,
  },
  ACTORS_JOURNAL_CLOSED: {
    says: 'The journal is closed.',
    todo: 'The node is stopping. Try again when it has started.',
    retry: true,
  },
  ACTORS_JOURNAL_BROKEN: {
    says: 'The journal could not save, and accepts nothing more: {reason}.',
    todo: 'Look at the disk: is it full, read-only or failing? Then restart the node; nothing accepted is lost.',
    retry: false,
  },
  ACTORS_ENTRY_UNREADABLE: {
    says: 'The journal stream {stream} holds something that this version cannot read: {reason}.',
    todo: 'Start the version that wrote it, or move the data directory away. Nothing was changed.',
    retry: false,
  },
});
