/** Stands in for the package `linkify-it` in the built page: turning bare addresses into links is switched off (see render.ts). */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class
export class LinkifyIt {}
