// One page for every address; all data comes from the API at run time.
export const ssr = false;
export const prerender = false;
