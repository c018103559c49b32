import { topologyPicture } from "../picture/svg";
import type { Topology } from "../topology/schema";
import { topologyText } from "../topology/topology-text";
import { htmlDocument, type PageOrigin, sitesTitle } from "./document";
import { html } from "./markup";

/** Sites as one HTML page that loads nothing and runs no script: each as a picture, and as the tree that a terminal shows. */
export function topologyPage(sites: readonly Topology[], origin: PageOrigin): string {
  const sections = sites.map(
    (topology, index) => html`<section aria-labelledby="site-${index}">
<h2 id="site-${index}">${topology.site}</h2>
${topologyPicture(topology, `topology-${index}`)}
<details><summary>the same as text</summary>
<pre>${topologyText(topology)}</pre></details>
</section>
`,
  );
  return htmlDocument(`${sitesTitle(sites)}: topology`, origin, sections);
}
