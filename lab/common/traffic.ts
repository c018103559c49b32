import { setTimeout as pause } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** One request that an appliance received. Bodies are not recorded, because they may contain secrets. */
export interface RequestRecord {
  /** Sequence number on this appliance, from 1. */
  number: number;
  method: string;
  /** Path without the query. */
  path: string;
  query: string;
  /** Undefined until the response is sent, and forever when the connection was cut. */
  status: number | undefined;
  at: Date;
}

/** The effect of an injection on a matching request. */
export type Effect =
  /** Cuts the connection before the appliance handles the request. */
  | { kind: "cut-before" }
  /** Lets the appliance handle the request, then cuts the connection before the response. */
  | { kind: "cut-after" }
  /** Responds with this status and an empty body; the appliance does not handle the request. */
  | { kind: "status"; status: number }
  /** Lets the appliance handle the request at once and delays the response (real time). */
  | { kind: "delay"; milliseconds: number }
  /** Calls a function before the request is handled, before the response, or after the response. */
  | { kind: "call"; when: "before" | "after" | "answered"; run: (request: RequestRecord) => void | Promise<void> };

export interface Injection {
  /** Default: every method. */
  method?: string;
  /** Matched against the path without the query. Default: every path. */
  path?: RegExp;
  /** Further condition; called once for each request with this method and path. Default: none. */
  matches?: (request: RequestRecord) => boolean;
  /** Only the n-th matching request, from 1. Default: the first `times` matching requests. */
  nth?: number;
  /** Maximum number of injections. Default 1; Infinity for no limit. */
  times?: number;
  effect: Effect;
}

/** Records the requests that an appliance receives, and injects faults into single ones. */
export class Traffic {
  readonly requests: RequestRecord[] = [];
  private injections: { injection: Injection; matched: number; used: number }[] = [];

  inject(injection: Injection): void {
    this.injections.push({ injection, matched: 0, used: 0 });
  }

  clearInjections(): void {
    this.injections = [];
  }

  /** Number of requests with this method and path, for example `count("POST", "/api/cluster/spp")`. */
  count(method: string, path: string | RegExp): number {
    return this.requests.filter(
      (request) =>
        request.method === method && (typeof path === "string" ? request.path === path : path.test(request.path)),
    ).length;
  }

  /** Hooks the record and the injections into a server. */
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
      for (const effect of effects) await this.applyBefore(effect, record, request, reply);
    });
    server.addHook("onSend", async (request, reply) => {
      const entry = current.get(request);
      if (!entry) return;
      for (const effect of entry.effects) {
        if (effect.kind === "delay") await pause(effect.milliseconds);
        if (effect.kind === "call" && effect.when === "after") await effect.run(entry.record);
      }
      if (entry.effects.some((effect) => effect.kind === "cut-after")) breakConnection(request, reply);
      // A reply that is already sent was cut by a fault of the appliance.
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

  private async applyBefore(effect: Effect, record: RequestRecord, request: FastifyRequest, reply: FastifyReply) {
    if (reply.sent) return;
    if (effect.kind === "cut-before") breakConnection(request, reply);
    if (effect.kind === "call" && effect.when === "before") await effect.run(record);
    // Waiting for the end of the response keeps Fastify from calling the handler.
    if (effect.kind === "status") await reply.code(effect.status).send();
  }
}

/** Closes the connection of a request without a response; the client sees a reset. */
export function breakConnection(request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack();
  request.raw.socket.destroy();
}
