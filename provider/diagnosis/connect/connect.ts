import type { OperationContext } from "../../core/context";
import type { Site } from "../site/inputs";
import { gatherConnect } from "./gather";
import type { ConnectOptions } from "./inputs";
import { connectReport } from "./report";
import type { ConnectReport } from "./report-schema";

/**
 * Tests the network between the parts of a site. What cannot be tested is reported, never thrown.
 * @throws the signal's reason when the user cancels
 */
export async function testConnections(
  site: Site,
  options: ConnectOptions,
  context: OperationContext,
): Promise<ConnectReport> {
  const started = performance.now();
  const facts = await gatherConnect(site, options, context);
  return connectReport(site.name, facts, Math.round(performance.now() - started));
}
