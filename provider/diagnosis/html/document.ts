import { PICTURE_STYLE } from "../picture/style";
import { html, type Markup, page } from "./markup";
import { STYLE } from "./style";

/** What a page says about its origin. */
export interface PageOrigin {
  /** When its content was read. */
  madeAt: Date;
  /** Version of this package. */
  version: string;
}

/** A page that says where its content comes from. */
export function htmlDocument(
  title: string,
  { madeAt, version }: PageOrigin,
  content: readonly (Markup | undefined)[],
): string {
  const main = html`<h1>${title}</h1>
<p class="faint">Made on ${madeAt.toISOString().slice(0, 16).replace("T", " ")} UTC by pulumi-safeguard ${version}. Nothing was changed.</p>
${content}`;
  return page(title, [STYLE, PICTURE_STYLE], main);
}

/** The sites of a page in its title. */
export const sitesTitle = (sites: readonly { site: string }[]) =>
  sites.length === 1 ? `Site ${sites[0]?.site}` : `${sites.length} sites`;
