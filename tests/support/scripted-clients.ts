import { afterEach } from "mocha";
import type { ApplianceConnection } from "../../provider/core/connection";
import { type Log, operationContext } from "../../provider/core/context";
import { SppClient } from "../../provider/spp/client";
import { SpsClient } from "../../provider/sps/client";
import { ScriptedAppliance } from "./scripted-appliance";

/** Clients of scripted appliances for one suite. All of them are closed after each test. */
export function scriptedClients() {
  const endings: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  return {
    /** A client of a scripted SPS, which stops after the test. */
    async sps(server: ScriptedAppliance, changes: Partial<ApplianceConnection> = {}, log?: Log): Promise<SpsClient> {
      endings.push(() => server.stop());
      const client = await SpsClient.open({ ...server.connection, ...changes }, operationContext({ log }));
      endings.push(() => client.close());
      return client;
    },

    /** A client of an SPP that answers from a table, by paths below `/service/core/v4/`, and its decoded requests. */
    async spp(answers: Record<string, unknown>): Promise<{ client: SppClient; asked: string[] }> {
      const server = await ScriptedAppliance.start(({ path }) => {
        const body = answers[path.split("?")[0]?.replace("/service/core/v4/", "") ?? ""];
        return body === undefined ? { status: 404 } : { status: 200, body: JSON.stringify(body) };
      });
      endings.push(() => server.stop());
      const client = SppClient.anonymous(server.connection, operationContext());
      endings.push(() => client.close());
      return {
        client,
        get asked() {
          return server.asked.map((request) => decodeURIComponent(request));
        },
      };
    },
  };
}
