import type { Facts } from "../../join/preflight/facts";
import type { Fact } from "../../join/preflight/gathering";
import type { Support } from "../../router/capabilities";
import type { Looked, RouterReading } from "../../router/platform";
import type { RaisedLogs } from "../logging/raised-logs";
import type { NewSessions } from "./new-sessions";

/** The state of one router, read without changing it. */
export interface RouterFacts {
  name: string;
  /** The router in messages, such as `router 10.0.0.1`. */
  object: string;
  /** Names of the redirections that it should have. */
  redirections: readonly string[];
  /** The rules that it should have, one canonical line each. */
  wantedRules: readonly string[];
  /** The first reading; undefined when nothing of the redirections is there. */
  reading: Fact<RouterReading | undefined>;
  /** What the platform warned about during that reading, such as rules of other programs. */
  warnings: readonly string[];
  /** What a preview of the same redirections reports. */
  preview: Fact<Looked>;
  /** A second reading, `trafficSeconds` after the first one; absent when it was not wanted. */
  later?: Fact<RouterReading | undefined>;
  trafficSeconds: number;
  /** Whether the platform can try the path to SPS. */
  pathProof: Support;
}

/** Everything that a diagnosis evaluates. Gathered once; checks send no requests. */
export interface SiteFacts {
  pair: Facts;
  routers: readonly RouterFacts[];
  /** Sessions that began at SPS meanwhile; absent when none was awaited. */
  newSessions?: Fact<NewSessions>;
  /** Log settings of SPS that a run on this machine has raised and not put back; absent when there are none. */
  raisedLogs?: RaisedLogs | undefined;
}
