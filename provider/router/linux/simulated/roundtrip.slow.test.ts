import { BACKENDS } from "../model/backend-names";
import { roundTrips } from "./roundtrip-bench.test";

/** A hundred thousand run with `npm run bench -- roundtrip`. */
const RUNS = 500;

describe("a round trip through the simulated router", function () {
  this.timeout(60_000);

  for (const backend of BACKENDS) {
    it(`reads back exactly the desired state in ${backend}`, () => {
      roundTrips(backend, RUNS);
    });
  }
});
