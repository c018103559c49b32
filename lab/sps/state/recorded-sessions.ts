import type { SessionCounts } from "./health";

/** A session of a client that the appliance has recorded. */
export interface RecordedSession {
  /** Stays the same for ever. */
  key: string;
  protocol: string;
  isOpen: boolean;
}

/** The session database of an appliance: sessions of clients in the order of their begin, open and closed ones. */
export class RecordedSessions {
  private readonly own: RecordedSession[] = [];

  /** @param relayed sessions that something else relays for the appliance; default: none */
  constructor(public relayed: () => Promise<readonly RecordedSession[]> = async () => []) {}

  /** Begins a session. @returns ends it */
  begin(protocol: string): () => void {
    const session = { key: `own-${this.own.length + 1}`, protocol, isOpen: true };
    this.own.push(session);
    return () => {
      session.isOpen = false;
    };
  }

  async all(): Promise<RecordedSession[]> {
    return [...this.own, ...(await this.relayed())];
  }

  /** The open ones by protocol, and those that the lab counts besides. */
  async open(besides: SessionCounts): Promise<SessionCounts> {
    const counts = { ...besides };
    for (const { protocol, isOpen } of await this.all()) if (isOpen) counts[protocol] = (counts[protocol] ?? 0) + 1;
    return counts;
  }
}
