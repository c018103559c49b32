import { operationContext } from "../../provider/core/context";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import type { RouterRedirectionKnown } from "../../provider/resources/router-redirection/schema";
import { rulesOf } from "../../tests/support/planned-rules";
import { type Contender, PRODUCT_NAME } from "./results";

/** This product: every change is confirmed over a new login and read back, with or without `persist`. */
export function product(persist: boolean): Contender {
  return {
    name: PRODUCT_NAME,
    persist,
    expectedSeconds: (_, roundTripSeconds) => 2 + 30 * roundTripSeconds,
    measure: async (router, { rules, runs }, stopwatch) => {
      const inputs = await inputsOf(router, rules, persist);
      for (let run = 0; run < runs; run += 1) {
        const { id, state } = await stopwatch.time("apply", () => routerRedirection.create(inputs, operationContext()));
        const found = await stopwatch.time("refresh", () => routerRedirection.read(id, state, operationContext()));
        if (JSON.stringify(found?.state.rules) !== JSON.stringify(rulesOf(inputs))) throw new Error("not as applied");
        await stopwatch.time("remove", () => routerRedirection.delete(id, state, operationContext()));
      }
    },
  };
}

/** Inputs of a redirection with this many rules: one per server, and one that marks packets. */
async function inputsOf(router: LabRouter, rules: number, persist: boolean): Promise<RouterRedirectionKnown> {
  const serverCidrs = Array.from({ length: rules - 1 }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
  return await router.inputs({ redirections: [router.redirection({ serverCidrs })], persist });
}
