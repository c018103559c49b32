import { BACKENDS } from "../model/backend-names";
import { roundTrips } from "./roundtrip-bench.test";

/** A hundred thousand run with `npm run bench -- roundtrip`. */
const RUNS = 500;

describe("what is applied and read back", function () {
  this.timeout(60_000);

  for (const backend of BACKENDS) {
    it(`differs in nothing from what was wanted, in ${backend}`, () => {
      roundTrips(backend, RUNS);
    });
  }
});
