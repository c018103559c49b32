import assert from "node:assert/strict";
import { matchedBy, parseTracked } from "./tracked";

describe("the connections that a router tracks", () => {
  it("assigns tracked connections to a redirection by client, server and port", () => {
    const connections = parseTracked(
      "@@tracked 192.168.50.10 10.0.0.5 3389\nnoise\n@@tracked 192.168.50.10 10.0.0.5 22\n@@tracked 192.168.60.1 10.0.0.6 3390\n",
    );
    assert.equal(connections.length, 3);
    const traffic = { serverCidrs: ["10.0.0.0/24"], ports: ["3389-3399"] };
    assert.deepEqual(matchedBy(traffic, connections), [connections[0], connections[2]]);
    assert.deepEqual(matchedBy({ ...traffic, clientCidrs: ["192.168.50.0/24"] }, connections), [connections[0]]);
    assert.deepEqual(matchedBy({ ...traffic, serverCidrs: ["10.0.1.0/24"] }, connections), []);
  });
});
