import Diagnostics
import Layers
import Needs
import Request
import Rootfs
import Stack

/// The layer with `/etc/mime.types`, for programs that ask for media types by the endings of files' names.
///
/// It is not a part of the runtime layer, which is the same in all images: few programs ask for it.
enum MediaTypesLayer {
    /// `stack` with the layer, if a program of one of the images asks for it and nothing has it.
    static func added(to stack: LayerStack, _ inputs: PlanInputs) -> Checked<LayerStack> {
        guard inputs.runtime != nil, inputs.needs.contains(where: \.wantsMediaTypes),
            !MediaTypes.knownPaths.contains(where: { stack.find($0) != nil })
        else { return Checked(stack) }
        var (remarks, result) = (Remarks(), stack)
        result.add(
            MediaTypes.entries,
            as: .runtime,
            createdBy: "coracle: media types (\(MediaTypes.path))",
            &remarks.problems
        )
        return Checked(result, remarks)
    }
}

extension ApplicationNeeds {
    /// Whether a program certainly asks for them; what cannot be looked into usually brings its own.
    fileprivate var wantsMediaTypes: Bool {
        switch self[.mediaTypes].answer {
        case .needed, .likely: true
        case .unknown, .carried, .unneeded: false
        }
    }
}
