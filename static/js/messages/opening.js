// A page opens where reading goes on: at what is new, or beside the composer. Where the style sheet can't say
// so (scroll-initial-target), this does.
const place = document.getElementById("new") ?? document.getElementById("end");

if (place) history.scrollRestoration = "manual";
if (place && !location.hash && !CSS.supports("scroll-initial-target", "nearest")) place.scrollIntoView({ block: "end" });
