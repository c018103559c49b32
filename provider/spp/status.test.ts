import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { z } from "zod";
import type { Transport } from "../https/transport";
import type { SppClient } from "./client";
import { tryPortFromSpp } from "./network-tools";
import { readNow, readPublicStatus, type SppStatus, unavailability } from "./status";

interface Question {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A way to an appliance that answers by path, 404 to everything else, and tells what it was asked. */
function transport(answers: Record<string, [status: number, text: string]>): { way: Transport; asked: Question[] } {
  const asked: Question[] = [];
  const send = async (question: Question) => {
    asked.push(question);
    const [status, text] = answers[question.path] ?? [404, ""];
    return { status, text, headers: {} };
  };
  return { way: { object: "spp x", send } as unknown as Transport, asked };
}

const STATUS = {
  ...{ ApplianceId: "1", ApplianceVersion: "8.0.0.1", ApplianceCurrentState: "Online", IsPrimary: true },
  CurrentTime: "2026-05-20T08:15:00Z",
};

describe("SPP's public status", () => {
  it("reads the public status of a current SPP in one round trip", async () => {
    const { way, asked } = transport({ "/service/notification/v4/Status": [200, JSON.stringify(STATUS)] });
    assert.deepEqual(await readPublicStatus(way), {
      ...{ applianceId: "1", version: "8.0.0.1", state: "Online", isPrimary: true, isMaintenance: false },
      ...{ isReadOnly: false, now: Date.parse("2026-05-20T08:15:00Z") },
    });
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.headers?.authorization, undefined);
  });

  it("reads the public status of an older SPP after the newer API is refused", async () => {
    const { way, asked } = transport({ "/service/notification/v2/Status": [200, JSON.stringify(STATUS)] });
    assert.equal((await readPublicStatus(way)).applianceId, "1");
    assert.deepEqual(
      asked.map(({ path }) => path),
      ["v4", "v3", "v2"].map((version) => `/service/notification/${version}/Status`),
    );
  });

  it("refuses the status of another product, and of an SPP that answers 5xx", async () => {
    await assert.rejects(readPublicStatus(transport({}).way), /\[SG2004\]$/);
    const page = transport({ "/service/notification/v4/Status": [200, "<html>"] });
    await assert.rejects(readPublicStatus(page.way), /\[SG2004\]$/);
    assert.equal(page.asked.length, 1);
    const busy = transport({ "/service/notification/v4/Status": [503, ""] });
    await assert.rejects(readPublicStatus(busy.way), /it answered 503; .* \[SG2005\]$/);
  });
});

describe("the clock of SPP", () => {
  const now = (CurrentTime: string | null) =>
    readNow({
      get: async (_service: string, _path: string, shape: z.ZodType) => shape.parse({ ...STATUS, CurrentTime }),
    } as unknown as SppClient);

  it("reads SPP's clock, or this machine's clock when SPP reports none", async () => {
    assert.equal(await now("2026-05-20T08:15:00Z"), Date.parse("2026-05-20T08:15:00Z"));
    for (const none of [null, "soon"]) assert(Math.abs((await now(none)) - Date.now()) < 2_000);
  });
});

describe("whether SPP accepts changes", () => {
  const status = (changes: Partial<SppStatus>): SppStatus => ({
    ...{ applianceId: "1", version: "8.0.0.1", state: "Online", isPrimary: true, isMaintenance: false },
    ...{ isReadOnly: false, now: 0, ...changes },
  });

  it("recognizes an online SPP in any case", () => {
    for (const state of ["Online", "ONLINE", "online"]) assert.equal(unavailability(status({ state })), undefined);
    assert.equal(unavailability(status({ state: "PrimaryNoQuorum" })), "that it is PrimaryNoQuorum");
  });

  it("reports SPP in maintenance and a read-only primary as unavailable", () => {
    assert.equal(unavailability(status({ isMaintenance: true, state: "Online" })), "that it is Online");
    assert.equal(unavailability(status({ isReadOnly: true })), "that it is read-only");
  });

  it("accepts a healthy replica, whose configuration is always read-only", () => {
    const replica = { state: "ReplicaWithQuorum", isPrimary: false };
    assert.equal(unavailability(status({ ...replica, isReadOnly: true })), undefined);
    assert.equal(unavailability(status({ ...replica, isPrimary: true })), "that it is ReplicaWithQuorum");
    assert.equal(unavailability(status({ state: "ReplicaNoQuorum", isPrimary: false })), "that it is ReplicaNoQuorum");
  });
});

describe("SPP's test of a port", () => {
  const path = (version: string) => `/service/appliance/${version}/NetworkDiagnostics/Telnet`;

  it("tests a port with one request, and returns SPP's text in one line", async () => {
    const { way, asked } = transport({ [path("v4")]: [200, '"Connected\\r\\n to  it.\\r\\n"'] });
    assert.equal(await tryPortFromSpp(way, "t0ken", "10.0.0.1", 8649), "Connected to it.");
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.headers?.authorization, "Bearer t0ken");
    assert.equal(asked[0]?.body, '{"NetworkAddress":"10.0.0.1","Port":8649,"MillisecondTimeout":5000}');
  });

  it("tests a port over the older API if necessary, and fails without any API", async () => {
    const { way, asked } = transport({ [path("v3")]: [200, '"ok"'] });
    assert.equal(await tryPortFromSpp(way, "t", "10.0.0.1", 8649), "ok");
    assert.equal(asked.length, 2);
    await assert.rejects(
      tryPortFromSpp(transport({}).way, "t", "a", 1),
      /it has no network diagnostics; .* \[SG2401\]$/,
    );
    const refusing = transport({ [path("v4")]: [403, '{"Message":"t"}'] });
    await assert.rejects(tryPortFromSpp(refusing.way, "t", "a", 1), /: it answered 403; .* \[SG2401\]$/);
  });
});
