/// Functions and data of Python's stable interface that not every Python 3 has, by the minor version that was the first to have
/// them: read from the interpreters, as some were there before they became part of the interface.
///
/// CPython, Misc/stable_abi.toml.
package enum StableInterface {
    /// The minor version of Python 3 from which on an interpreter has `symbol`; `nil` for what is older, and for what is not part
    /// of the stable interface.
    package static func added(_ symbol: String) -> Int? { versions[symbol] }

    private static let versions: [String: Int] = {
        var versions: [String: Int] = [:]
        for (minor, names) in table { for name in names.split(separator: " ") { versions[String(name)] = minor } }
        return versions
    }()

    private static let table: [(minor: Int, names: String)] = [
        (
            8,
            """
            PyDictRevIterItem_Type PyDictRevIterKey_Type PyDictRevIterValue_Type PyExceptionClass_Name PyIndex_Check \
            PyInterpreterState_GetDict PyIter_Check PySys_Audit PyThread_get_thread_native_id PyVectorcall_Call \
            Py_BytesMain
            """
        ),
        (
            9,
            """
            PyBuffer_SizeFromFormat PyCMethod_New PyFrame_GetCode PyInterpreterState_Get PyModule_AddType \
            PyObject_CallNoArgs PyObject_CheckBuffer PyObject_GC_IsFinalized PyObject_GC_IsTracked \
            PyObject_VectorcallMethod PyThreadState_GetFrame PyThreadState_GetID PyThreadState_GetInterpreter \
            PyType_FromModuleAndSpec PyType_GetModule PyType_GetModuleState Py_EnterRecursiveCall Py_GenericAlias \
            Py_GenericAliasType Py_LeaveRecursiveCall
            """
        ),
        (
            10,
            """
            PyAIter_Check PyCodec_Unregister PyErr_SetInterruptEx PyExc_EncodingWarning PyGC_Disable PyGC_Enable \
            PyGC_IsEnabled PyIter_Send PyModule_AddObjectRef PyObject_GetAIter Py_Is Py_IsFalse Py_IsNone Py_IsTrue \
            Py_NewRef Py_XNewRef _Py_DecRef _Py_IncRef
            """
        ),
        (
            11,
            """
            PyErr_GetHandledException PyErr_SetHandledException PyExc_BaseExceptionGroup PyObject_Vectorcall \
            PyType_GetModuleByDef PyType_GetName PyType_GetQualName Py_Version
            """
        ),
        (
            12,
            """
            PyErr_DisplayException PyErr_GetRaisedException PyErr_SetRaisedException PyException_GetArgs \
            PyException_SetArgs PyObject_GetTypeData PyType_FromMetaclass PyType_GetTypeDataSize PyVectorcall_NARGS
            """
        ),
        (
            13,
            """
            PyCriticalSection2_Begin PyCriticalSection2_End PyCriticalSection_Begin PyCriticalSection_End \
            PyDict_GetItemRef PyDict_GetItemStringRef PyDict_SetDefaultRef PyEval_GetFrameBuiltins \
            PyEval_GetFrameGlobals PyEval_GetFrameLocals PyImport_AddModuleRef PyList_GetItemRef PyLong_AsInt \
            PyLong_AsNativeBytes PyLong_FromNativeBytes PyLong_FromUnsignedNativeBytes PyMapping_GetOptionalItem \
            PyMapping_GetOptionalItemString PyMapping_HasKeyStringWithError PyMapping_HasKeyWithError PyModule_Add \
            PyObject_DelAttr PyObject_DelAttrString PyObject_GetOptionalAttr PyObject_GetOptionalAttrString \
            PyObject_HasAttrStringWithError PyObject_HasAttrWithError PySys_AuditTuple PyType_GetFullyQualifiedName \
            PyType_GetModuleName PyUnicode_EqualToUTF8 PyUnicode_EqualToUTF8AndSize PyWeakref_GetRef Py_GetConstant \
            Py_GetConstantBorrowed Py_IsFinalizing _Py_SetRefcnt
            """
        ),
        (
            14,
            """
            PyIter_NextItem PyLong_AsInt32 PyLong_AsInt64 PyLong_AsUInt32 PyLong_AsUInt64 PyLong_FromInt32 \
            PyLong_FromInt64 PyLong_FromUInt32 PyLong_FromUInt64 PyType_Freeze PyType_GetBaseByToken PyUnicode_Equal \
            Py_PACK_FULL_VERSION Py_PACK_VERSION Py_REFCNT Py_TYPE
            """
        ),
    ]
}
