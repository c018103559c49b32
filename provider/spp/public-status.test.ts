import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Transport } from "../https/transport";
import { tryPortFromSpp } from "./port-test";
import { readPublicStatus } from "./public-status";

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
  it("is read in one round trip from a present appliance", async () => {
    const { way, asked } = transport({ "/service/notification/v4/Status": [200, JSON.stringify(STATUS)] });
    assert.deepEqual(await readPublicStatus(way), {
      status: {
        ...{ applianceId: "1", version: "8.0.0.1", state: "Online", isPrimary: true, isMaintenance: false },
        ...{ isReadOnly: false, now: Date.parse("2026-05-20T08:15:00Z") },
      },
      trips: 1,
    });
    assert.equal(asked[0]?.headers?.authorization, undefined);
  });

  it("is read from older versions after the newer one is refused", async () => {
    const { way, asked } = transport({ "/service/notification/v2/Status": [200, JSON.stringify(STATUS)] });
    assert.equal((await readPublicStatus(way)).trips, 3);
    assert.deepEqual(
      asked.map(({ path }) => path),
      ["v4", "v3", "v2"].map((version) => `/service/notification/${version}/Status`),
    );
  });

  it("is refused from what is not an SPP, and from one that answers 5xx", async () => {
    await assert.rejects(readPublicStatus(transport({}).way), /\[SG2004\]$/);
    const page = transport({ "/service/notification/v4/Status": [200, "<html>"] });
    await assert.rejects(readPublicStatus(page.way), /\[SG2004\]$/);
    assert.equal(page.asked.length, 1);
    const busy = transport({ "/service/notification/v4/Status": [503, ""] });
    await assert.rejects(readPublicStatus(busy.way), /it answered 503; .* \[SG2005\]$/);
  });
});

describe("a port tried by SPP", () => {
  const path = (version: string) => `/service/appliance/${version}/NetworkDiagnostics/Telnet`;

  it("is one request with the token, whose text comes back in one line", async () => {
    const { way, asked } = transport({ [path("v4")]: [200, '"Connected\\r\\n to  it.\\r\\n"'] });
    assert.equal(await tryPortFromSpp(way, "t0ken", "10.0.0.1", 8649), "Connected to it.");
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.headers?.authorization, "Bearer t0ken");
    assert.equal(asked[0]?.body, '{"NetworkAddress":"10.0.0.1","Port":8649,"MillisecondTimeout":5000}');
  });

  it("is tried over the older API where there is no newer one, and not at all where there is none", async () => {
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
