import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** One request as an appliance saw it. Bodies are not kept: they may hold secrets. */
export interface RequestRecord {
  /** Running number on this appliance, from 1. */
  number: number;
  method: string;
  /** Path without the query. */
  path: string;
  query: string;
  /** Undefined while unanswered, and for good when the answer was cut. */
  status: number | undefined;
  at: Date;
}

/** What happens to a request that an injection matches. */
export type Effect =
  /** The connection breaks before the appliance does anything. */
  | { kind: "cut-before" }
  /** The appliance does its work, then the connection breaks before the answer. */
  | { kind: "cut-after" }
  /** The appliance does nothing and answers with this status and an empty body. */
  | { kind: "status"; status: number }
  /** The appliance does its work at once, but the answer comes this much later (wall-clock time). */
  | { kind: "delay"; milliseconds: number }
  /** Something of the test's own, before the work, after the work and before the answer, or after the answer. */
  | { kind: "call"; when: "before" | "after" | "answered"; run: (request: RequestRecord) => void | Promise<void> };

export interface Injection {
  /** Default: every method. */
  method?: string;
  /** Matched against the path without query. Default: every path. */
  path?: RegExp;
  /** What else must be so; asked once for each request that has the method and path. Default: nothing. */
  matches?: (request: RequestRecord) => boolean;
  /** Only the n-th request that matches, from 1. Default: the first `times` ones. */
  nth?: number;
  /** How often at most. Default 1; Infinity for always. */
  times?: number;
  effect: Effect;
}

/** The requests an appliance got, in order, and the faults a test injects into single ones. */
export class Traffic {
  readonly requests: RequestRecord[] = [];
  private injections: { injection: Injection; matched: number; used: number }[] = [];

  inject(injection: Injection): void {
    this.injections.push({ injection, matched: 0, used: 0 });
  }

  clearInjections(): void {
    this.injections = [];
  }

  /** How many requests there were of a method and path, for example `count("POST", "/api/cluster/spp")`. */
  count(method: string, path: string | RegExp): number {
    return this.requests.filter(
      (request) =>
        request.method === method && (typeof path === "string" ? request.path === path : path.test(request.path)),
    ).length;
  }

  /** Hooks this log and its injections into a server. */
  attach(server: FastifyInstance): void {
    const current = new WeakMap<FastifyRequest, { record: RequestRecord; effects: Effect[] }>();
    server.addHook("onRequest", async (request, reply) => {
      const [path = "", query = ""] = request.url.split(/\?(.*)/s);
      const record: RequestRecord = {
        number: this.requests.length + 1,
        method: request.method,
        path,
        query,
        status: undefined,
        at: new Date(),
      };
      this.requests.push(record);
      const effects = this.effectsFor(record);
      current.set(request, { record, effects });
      for (const effect of effects) await this.beforeWork(effect, record, request, reply);
    });
    server.addHook("onSend", async (request, reply) => {
      const entry = current.get(request);
      if (!entry) return;
      for (const effect of entry.effects) {
        if (effect.kind === "delay") await pause(effect.milliseconds);
        if (effect.kind === "call" && effect.when === "after") await effect.run(entry.record);
      }
      if (entry.effects.some((effect) => effect.kind === "cut-after")) breakConnection(request, reply);
      // What was sent already here was cut by the appliance itself.
      else if (!reply.sent) entry.record.status = reply.statusCode;
    });
    server.addHook("onResponse", async (request, _reply) => {
      const entry = current.get(request);
      for (const effect of entry?.effects ?? []) {
        if (effect.kind === "call" && effect.when === "answered" && entry) await effect.run(entry.record);
      }
    });
  }

  private effectsFor(record: RequestRecord): Effect[] {
    const effects: Effect[] = [];
    for (const entry of this.injections) {
      const { method, path, matches, nth, times = 1, effect } = entry.injection;
      if ((method && method !== record.method) || (path && !path.test(record.path))) continue;
      if (matches && !matches(record)) continue;
      entry.matched += 1;
      if (nth !== undefined ? entry.matched !== nth : entry.used >= times) continue;
      entry.used += 1;
      effects.push(effect);
    }
    return effects;
  }

  private async beforeWork(effect: Effect, record: RequestRecord, request: FastifyRequest, reply: FastifyReply) {
    if (reply.sent) return;
    if (effect.kind === "cut-before") breakConnection(request, reply);
    if (effect.kind === "call" && effect.when === "before") await effect.run(record);
    // Waiting for the end of the answer is what keeps the server from going on to the work.
    if (effect.kind === "status") await reply.code(effect.status).send();
  }
}

/** Breaks the connection of a request without an answer; its client sees a reset. */
export function breakConnection(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}
