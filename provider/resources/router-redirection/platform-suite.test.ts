import { CASES } from "./platform-cases.test";
import { describePlatforms } from "./platform-runner.test";

describePlatforms(CASES, []);
