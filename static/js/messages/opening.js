// A page opens where reading goes on: at what is new, or beside the composer. Where the style sheet can't say
// so (scroll-initial-target), this does, and where the address leads into the pane. A link to a message leads
// there: Chromium on a phone may have gone to the other place by then.
const place = document.getElementById("new") ?? document.getElementById("end");

if (place) history.scrollRestoration = "manual";
const linked = document.getElementById(location.hash.slice(1));
const isInPane = linked?.closest("#pane");
const isAskedFor = isInPane || (!location.hash && !CSS.supports("scroll-initial-target", "nearest"));
if (place && isAskedFor) place.scrollIntoView({ block: "end" });
else if (linked?.matches("#messages article")) linked.scrollIntoView();
