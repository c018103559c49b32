import { createRequire } from "node:module";

/** The part of gRPC's server that finds the handler of an incoming call; it is not a promised interface. */
interface CallReceiver {
  _retrieveHandler?(path: string): unknown;
}

/**
 * Calls back when the engine cancels the deployment. Pulumi's process of the dynamic providers answers that call and tells
 * no provider, so the call is noticed where its server receives it. Where that is not possible, running operations go on
 * until the engine ends.
 */
export function onCancel(callback: () => void): void {
  const receiver = serverPrototype();
  const retrieve = receiver?._retrieveHandler;
  if (receiver === undefined || retrieve === undefined) return;
  receiver._retrieveHandler = function (path) {
    if (path.endsWith(".ResourceProvider/Cancel")) callback();
    return retrieve.call(this, path);
  };
}

function serverPrototype(): CallReceiver | undefined {
  try {
    // From the SDK's place: its own copy of the library serves the calls.
    const load = createRequire(require.resolve("@pulumi/pulumi/proto/provider_grpc_pb"));
    return (load("@grpc/grpc-js") as { Server: { prototype: CallReceiver } }).Server.prototype;
  } catch {
    return undefined;
  }
}
