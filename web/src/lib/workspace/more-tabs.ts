/** What is beside the task, loaded when it is first opened. */
export { default as EditorialTab } from "./EditorialTab.svelte";
export { default as HintsTab } from "./HintsTab.svelte";
export { default as SubmissionsTab } from "./SubmissionsTab.svelte";
