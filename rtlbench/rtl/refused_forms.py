"""Forms of the language that an answer has no business with, and system names that it may use."""

from __future__ import annotations

from pyslang.syntax import SyntaxKind

ALLOWED_SYSTEM_NAMES = frozenset(
    "$clog2 $signed $unsigned $bits $size $high $low $left $right $increment $dimensions "
    "$unpacked_dimensions $countones $countbits $onehot $onehot0 $rtoi $itor $floor $ceil $pow "
    "$error $warning $info $fatal".split()
)
"""What synthesizable code really calls; the last four only as elaboration checks."""
ELABORATION_TASKS = frozenset({"$error", "$warning", "$info", "$fatal"})
FORBIDDEN_KINDS: dict[SyntaxKind, str] = {
    SyntaxKind.DPIImport: "DPI import",
    SyntaxKind.DPIExport: "DPI export",
    SyntaxKind.BindDirective: "bind",
    SyntaxKind.ProceduralForceStatement: "force",
    SyntaxKind.ProceduralReleaseStatement: "release",
    SyntaxKind.ProceduralAssignStatement: "procedural assign",
    SyntaxKind.ProceduralDeassignStatement: "deassign",
    SyntaxKind.FinalBlock: "final block",
    SyntaxKind.ProgramDeclaration: "program",
    SyntaxKind.ClassDeclaration: "class",
    SyntaxKind.CovergroupDeclaration: "covergroup",
    SyntaxKind.RandSequenceStatement: "randsequence",
    SyntaxKind.RandCaseStatement: "randcase",
    SyntaxKind.ForeverStatement: "forever",
    SyntaxKind.WaitStatement: "wait",
    SyntaxKind.WaitForkStatement: "wait fork",
    SyntaxKind.WaitOrderStatement: "wait_order",
    SyntaxKind.ParallelBlockStatement: "fork",
    SyntaxKind.DisableForkStatement: "disable fork",
    SyntaxKind.BlockingEventTriggerStatement: "event trigger",
    SyntaxKind.NonblockingEventTriggerStatement: "event trigger",
    SyntaxKind.SpecifyBlock: "specify block",
    SyntaxKind.ConfigDeclaration: "config",
    SyntaxKind.ExternModuleDecl: "extern module",
    SyntaxKind.ExternUdpDecl: "extern primitive",
    SyntaxKind.LibraryDeclaration: "library",
    SyntaxKind.TimeUnitsDeclaration: "timeunit",
    SyntaxKind.RootScope: "$root",
    SyntaxKind.UnitScope: "$unit",
    SyntaxKind.CheckerDeclaration: "checker",
    SyntaxKind.UdpDeclaration: "user-defined primitive",
    SyntaxKind.AnonymousProgram: "program",
    SyntaxKind.EventType: "event",
    SyntaxKind.CHandleType: "chandle",
    SyntaxKind.VirtualInterfaceType: "virtual interface",
    SyntaxKind.QueueDimensionSpecifier: "queue",
    SyntaxKind.WildcardDimensionSpecifier: "associative array",
    SyntaxKind.NetAlias: "alias",
    SyntaxKind.ClockingDeclaration: "clocking block",
    SyntaxKind.NetTypeDeclaration: "nettype",
}
